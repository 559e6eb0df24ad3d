"""A log is read live while everything is disturbed, and once more in peace; both must leave the same."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console

from driftline.topics import create_topics
from driftline_schemas.clickhouse import migrate
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.chaos import comparison
from tests.chaos.account import Account
from tests.chaos.disturbances import KINDS, Kind, schedule
from tests.chaos.driver import Driver
from tests.chaos.feed import Feed
from tests.chaos.generator import PARTITIONS
from tests.chaos.processes import wait_for
from tests.chaos.stack import ChaosStack, running_stack
from tests.chaos.workers import Watch, ended, health, new_worker, reached
from tests.stream_processors.harness import Installation

WORKERS = 3
SETTLE_SECONDS = 200.0
BLOCK_RECORDS = 500
LIVE, CALM = "live", "calm"

Before = dict[str, comparison.Offsets]
"""Per topic, where the disturbed reading ended."""


@dataclass(frozen=True)
class Options:
    """What one run does: its seed, how many disturbances of which kinds in how many seconds, how many predictions."""

    seed: int
    disturbances: int
    seconds: float
    events: int
    kinds: Sequence[Kind] = KINDS


@dataclass
class Report:
    """What happened; the run was exact when `wrong` is empty."""

    wrong: list[str] = field(default_factory=list)
    disturbances: Counter[str] = field(default_factory=Counter)
    records: int = 0
    replayed: int = 0
    sent_again: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


class ChaosRun:
    """One run in a folder of its own."""

    def __init__(self, options: Options, folder: Path, console: Console) -> None:
        self._options = options
        self._folder = folder
        self._console = console
        self._started = time.monotonic()
        self.report = Report()

    def run(self) -> Report:
        """Do it all.

        Raises:
            TimeoutError: Something never came to rest.
        """
        with running_stack(self._folder / "stack") as stack:
            topics = Topics("chaos.", PARTITIONS)
            create_topics(stack.kafka_address, topics)
            direct = ClickHouseAddress("127.0.0.1", stack.clickhouse_port, database=LIVE)
            live = Installation(stack.kafka_address, topics, direct, self._folder, BLOCK_RECORDS)
            calm = replace(live, database=replace(direct, database=CALM))
            migrate(live.database)
            migrate(calm.database)
            with closing(live), closing(calm):
                cut = self._live(stack, live)
                before = {topic.name: comparison.ends(live.kafka, topic) for topic in topics.all()}
                self._calm(calm, cut)
                self._compare(live, calm, cut, before)
        return self.report

    def _live(self, stack: ChaosStack, live: Installation) -> comparison.Offsets:
        """The disturbed reading; returns the offsets up to which it is complete."""
        options = self._options
        self._say("broker and store run; the workers start")
        through_relay = replace(live, database=replace(live.database, port=stack.relay.port))
        workers = [new_worker(through_relay, LIVE, f"worker {n}") for n in range(WORKERS)]
        driver = Driver(workers, (stack.kafka, stack.clickhouse), stack.relay, self._say)
        watch = Watch(workers)
        with ended(workers), watch.watching(), self._timed("disturbed"):
            for worker in workers[:-1]:
                worker.start()
            wait_for("a worker answers", workers[0].healthy, SETTLE_SECONDS)
            with Feed(live.kafka, live.topics.events.name, options.seed, options.events, options.seconds) as feed:
                driver.run(schedule(options.seed, options.disturbances, options.seconds, options.kinds))
                driver.settle()
                feed.finish()
            self._say("the log is written, nothing is disturbed any more")
            with self._timed("settled"):
                self._settle(live, driver)
            for worker in workers:
                worker.terminate()
        self.report.disturbances = driver.counts + Counter({"of them " + k: n for k, n in stack.relay.counts.items()})
        self.report.replayed = watch.replayed()
        self.report.wrong += [f"{p.name} did not end {p.hung} times after SIGTERM" for p in workers if p.hung]
        return live.stored_offset(LIVE)

    def _settle(self, live: Installation, driver: Driver) -> None:
        """Wait until everything is stored, also what was forwarded meanwhile."""
        wait_for("broker and store answer", lambda: all(s.healthy() for s in driver.services), SETTLE_SECONDS)
        for _ in range(2):
            goal = live.end_offsets()
            try:
                wait_for("everything stored", lambda goal=goal: reached(live, LIVE, goal), SETTLE_SECONDS)  # type: ignore[misc]
            except TimeoutError as error:
                said = {worker.name: health(worker) for worker in driver.workers}
                raise TimeoutError(f"{error}; log {goal}, stored {live.stored_offset(LIVE)}, workers {said}") from error

    def _calm(self, calm: Installation, cut: comparison.Offsets) -> None:
        self._say("the undisturbed reading begins")
        worker = new_worker(calm, CALM, "calm")
        with ended([worker]), self._timed("undisturbed"):
            worker.start()
            wait_for("the undisturbed reading", lambda: reached(calm, CALM, cut), 2 * SETTLE_SECONDS)
            worker.terminate()

    def _compare(self, live: Installation, calm: Installation, cut: comparison.Offsets, before: Before) -> None:
        report = self.report
        with self._timed("compared"):
            tables = comparison.compare_tables(live, calm, cut)
            report.rows, report.wrong = tables.counts, report.wrong + tables.wrong
            account = Account()
            for record in comparison.read(live.kafka, live.topics.events, {}, cut):
                account.add(record)
            report.records = account.records
            report.wrong += account.differences(live, cut)
            self._compare_sent(live, before)

    def _compare_sent(self, live: Installation, before: Before) -> None:
        topics = live.topics
        for what, topic, name, stored in (
            ("drifts", topics.drifts, "drift_id", "drift_id FROM drift_log"),
            ("alerts", topics.alerts, "alert_id", "alert_id FROM alert_log"),
            ("retrain requests", topics.retrains, "retrain_id", "retrain_id FROM retrain_request_log"),
            ("dead letters", topics.dead_letters, "", "concat(partition, ':', offset) FROM dead_letter_log"),
        ):
            start = before[topic.name]
            by_id, again = comparison.sent(comparison.read(live.kafka, topic, {}, start), name)
            end = comparison.ends(live.kafka, topic)
            calm_by_id, _ = comparison.sent(comparison.read(live.kafka, topic, start, end), name)
            ids = [row[0] for row in live.query(f"SELECT DISTINCT {stored}")]
            self.report.wrong += comparison.compare_sent(what, by_id, calm_by_id, ids)
            self.report.sent_again[what] = again

    def _say(self, what: str) -> None:
        self._console.print(f"{time.monotonic() - self._started:7.1f} s  {what}", highlight=False)

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.report.seconds[what] = time.monotonic() - started
        self._say(f"{what}: {self.report.seconds[what]:.0f} s")
