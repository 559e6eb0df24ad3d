"""ClickHouse away for minutes, then Kafka, under load: nothing is lost, memory stays flat, nobody has to help.

``python -m tests.chaos.away [--clickhouse SECONDS] [--kafka SECONDS] [--rate EVENTS_PER_SECOND]``
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from driftline.topics import create_topics
from driftline_schemas.clickhouse import migrate
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.chaos.emitter import AT_ONCE
from tests.chaos.feed import REPOSITORY
from tests.chaos.processes import Process, wait_for
from tests.chaos.stack import running_stack
from tests.chaos.workers import ended, health, new_worker, reached
from tests.stream_processors.harness import Installation

MODEL, PIPELINE = "away", "away"
RECOVERY_SECONDS = 180.0
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Plan:
    """How long each phase takes, and how many events (predictions and outcomes) come per second."""

    warm_seconds: float
    clickhouse_seconds: float
    kafka_seconds: float
    rate: float


@dataclass
class AwayReport:
    """What happened; all is well when `wrong` is empty.

    Attributes:
        memory: Per process and phase, the resident megabytes seen.
        recovery: Seconds until everything was stored that was in the log when the part came back.
        account: What the emitter says became of its events.
    """

    wrong: list[str] = field(default_factory=list)
    memory: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    recovery: dict[str, float] = field(default_factory=dict)
    account: dict[str, Any] = field(default_factory=dict)

    def growth(self, process: str, phase: str) -> float:
        """Megabytes by which a process grew beyond what it had before."""
        return max(self.memory[process, phase]) - max(self.memory[process, "before"])


class AwayRun:
    """One run in a folder of its own."""

    def __init__(self, plan: Plan, folder: Path, console: Console) -> None:
        self._plan = plan
        self._folder = folder
        self._console = console
        self._phase = "start"
        self.report = AwayReport()

    def run(self) -> AwayReport:
        """Do it all.

        Raises:
            TimeoutError: It did not recover.
        """
        plan = self._plan
        with running_stack(self._folder / "stack") as stack:
            topics = Topics("away.", 4)
            create_topics(stack.kafka_address, topics)
            database = ClickHouseAddress("127.0.0.1", stack.clickhouse_port, database="away")
            installation = Installation(stack.kafka_address, topics, database, self._folder)
            migrate(database)
            worker = new_worker(installation, PIPELINE, "worker")
            with closing(installation), ended([worker]):
                worker.start()
                wait_for("the worker answers", worker.healthy, RECOVERY_SECONDS)
                with self._load(installation, worker):
                    wait_for(
                        "the burst logged", lambda: sum(installation.end_offsets().values()) > AT_ONCE, RECOVERY_SECONDS
                    )
                    self._caught_up(installation)
                    self._phase = "before"
                    time.sleep(plan.warm_seconds)
                    self._away(stack.clickhouse, plan.clickhouse_seconds, installation, worker)
                    self._away(stack.kafka, plan.kafka_seconds, installation, worker)
                self._check(installation, worker)
        return self.report

    def _away(self, part: Process, seconds: float, installation: Installation, worker: Process) -> None:
        """Kill a part, start it again after a while, and wait until the worker has caught up."""
        self._console.print(f"{part.name} is away for {seconds:.0f} s")
        pid = worker.pid
        part.kill()
        self._phase = f"{part.name} away"
        time.sleep(seconds)
        said = health(worker)
        if part.name == "clickhouse" and (said is None or said["status"] == "ok"):
            self.report.wrong.append(f"/healthz does not tell that {part.name} is away: {said}")
        part.start()
        wait_for(f"{part.name} answers", part.healthy, RECOVERY_SECONDS)
        self._phase = f"after {part.name}"
        started = time.monotonic()
        self._caught_up(installation)
        self.report.recovery[part.name] = time.monotonic() - started
        if not worker.running or worker.pid != pid:
            self.report.wrong.append(f"the worker ended while {part.name} was away: see {worker.log}")

    def _caught_up(self, installation: Installation) -> None:
        """Wait until all is stored that is in the log now."""
        goal = installation.end_offsets()
        wait_for("everything stored", lambda: reached(installation, PIPELINE, goal), RECOVERY_SECONDS)

    @contextmanager
    def _load(self, installation: Installation, worker: Process) -> Iterator[None]:
        """Let a service emit, and sample memory, until the end of the block."""
        given = [installation.kafka, installation.topics.prefix, MODEL, str(self._plan.rate / 2)]
        command = [sys.executable, "-m", "tests.chaos.emitter", *given]
        done = threading.Event()
        with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as emitter:
            watched = {"worker": psutil.Process(worker.pid), "emitter": psutil.Process(emitter.pid)}
            sampler = threading.Thread(target=self._sample, args=(watched, done), daemon=True)
            sampler.start()
            try:
                yield
                done.set()
                sampler.join()
                self.report.account = json.loads(emitter.communicate(timeout=RECOVERY_SECONDS)[0])
            finally:
                done.set()
                emitter.kill()

    def _sample(self, watched: dict[str, psutil.Process], done: threading.Event) -> None:
        while not done.wait(0.5):
            for name, process in watched.items():
                if process.is_running():
                    megabytes = process.memory_info().rss / MEGABYTE
                    self.report.memory.setdefault((name, self._phase), []).append(megabytes)

    def _check(self, installation: Installation, worker: Process) -> None:
        """Whether every event that the service logged is in the tables, once."""
        self._caught_up(installation)
        worker.terminate()
        account = self.report.account
        if account["dropped"]:
            self.report.wrong.append(f"the emitter dropped {account['dropped']}")
        for what, sql in (
            ("predictions", "SELECT count(), uniqExact(event_id) FROM prediction_log"),
            ("outcomes", "SELECT count(), uniqExact(event_id) FROM outcome_log WHERE joined"),
        ):
            [(rows, ids)] = installation.query(sql)
            if (rows, ids) != (account[what], account[what]):
                self.report.wrong.append(f"{account[what]} {what} were logged, {rows} rows and {ids} ids are stored")


def show(console: Console, report: AwayReport) -> None:
    """Print the figures."""
    table = Table("resident MB", "least", "most", show_edge=False)
    for (process, phase), megabytes in sorted(report.memory.items(), key=lambda item: item[0][0]):
        table.add_row(f"{process}, {phase}", f"{min(megabytes):.0f}", f"{max(megabytes):.0f}")
    console.print(table)
    for part, seconds in report.recovery.items():
        console.print(f"{part}: all stored {seconds:.1f} s after it answered again")
    console.print(f"emitter: {report.account}")
    for wrong in report.wrong:
        console.print(f"[red]✗[/red] {wrong}", highlight=False)


def main() -> None:
    """Run, show the figures, and exit with 1 when something was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.away", description=__doc__.splitlines()[0])
    parser.add_argument("--clickhouse", type=float, default=300, help="seconds")
    parser.add_argument("--kafka", type=float, default=120, help="seconds")
    parser.add_argument("--rate", type=float, default=500, help="events per second")
    given = parser.parse_args()
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="driftline-away-"))
    console.print(f"logs in {folder}")
    report = AwayRun(Plan(30, given.clickhouse, given.kafka, given.rate), folder, console).run()
    show(console, report)
    sys.exit(1 if report.wrong else 0)


if __name__ == "__main__":
    main()
