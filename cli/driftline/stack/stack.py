"""The embedded stack of one state folder."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from driftline.stack.errors import StackError
from driftline.stack.folder import StateFolder
from driftline.stack.health import wait_until
from driftline.stack.jars import default_cache, provide_jars
from driftline.stack.parts import ALL_PARTS, INFRASTRUCTURE, KAFKA, Part, addresses, broker, build_part
from driftline.stack.ports import is_free
from driftline.stack.processes import end, processes_of, wait_for_end
from driftline.stack.progress import Downloading, Progress, Started, Starting, ignore
from driftline.stack.status import PartStatus, StackStatus
from driftline.stack.supervision import RUNNING, STOP_TIMEOUT_SECONDS, ProcessInfo, Supervisor
from driftline.topics import create_topics
from driftline_schemas.clickhouse import migrate
from driftline_schemas.settings import Settings

HEALTHY_TIMEOUT_SECONDS = 120

_FILES = ("DRIFTLINE_ALERTING", "DRIFTLINE_DASHBOARD_TOKENS")
"""Variables that name a file, as the person who starts the stack sees it."""


class Stack:
    """Kafka, ClickHouse, a worker, the retrain service, the notifier and the dashboard on this machine.

    Args:
        state_folder: where everything is kept; a second stack needs a second folder.
        parts: names of the parts that run; `setup` of topics and tables needs kafka and clickhouse among them.
        environment: what the parts inherit, DRIFTLINE_* settings included; the stack's own addresses are put over it.
    """

    def __init__(
        self,
        state_folder: Path,
        *,
        parts: Sequence[str] = ALL_PARTS,
        environment: Mapping[str, str] = os.environ,
    ):
        self.folder = StateFolder(state_folder.expanduser().absolute())
        self._names = parts
        self._environment = environment
        self._supervisor = Supervisor(self.folder)

    def up(self, progress: Progress = ignore) -> StackStatus:
        """Start every part and wait until each does its work; when that fails, end what was started.

        Raises:
            StackError: The stack runs already, a port is taken, a jar is broken, or a part does not start.
            ConfigurationError: A DRIFTLINE_* setting of the environment is wrong.
            Unavailable: A download failed.
        """
        self.folder.create()
        with self.folder.locked():
            self._refuse_second()
            end(processes_of(self.folder.path), STOP_TIMEOUT_SECONDS)  # of a supervisor that was killed
            try:
                self._start(progress)
            except BaseException:
                self._end()
                raise
        return self.status()

    def down(self) -> bool:
        """End every part and wait for it; False when nothing ran."""
        if not self.folder.path.exists():
            return False
        with self.folder.locked():
            return self._end()

    def pid(self) -> int | None:
        """Of the supervisor; None when the stack does not run."""
        return self._supervisor.pid()

    def status(self) -> StackStatus:
        """How each part is, asked now."""
        ports = self.folder.ports()
        pid = self.pid()
        processes = self._supervisor.info()
        names = [name for name in ALL_PARTS if name in (processes or self._names)]
        parts = [build_part(name, self.folder, ports) for name in names] if ports else []
        described = tuple(self._describe(part, processes.get(part.name, ProcessInfo())) for part in parts)
        return StackStatus(self.folder.path, pid is not None, pid, described, dict(self.environment()))

    def environment(self) -> Mapping[str, str]:
        """The variables through which programs find this stack; empty before its first start."""
        ports = self.folder.ports()
        return addresses(self.folder, ports) if ports else {}

    def _refuse_second(self) -> None:
        if (pid := self.pid()) is not None:
            raise StackError(
                f"the stack in {self.folder.path} runs already (supervisor {pid}): see `driftline status`, "
                f"end it with `driftline down`, or choose another folder with --state"
            )

    def _start(self, progress: Progress) -> None:
        ports = self.folder.drawn_ports()
        environment = {**_with_whole_paths(self._environment), **addresses(self.folder, ports)}
        settings = Settings.from_environment(environment)
        parts = [build_part(name, self.folder, ports) for name in self._names]
        _check_ports(parts)
        if KAFKA in self._names:
            with _step(progress, "jars"):
                provide_jars(default_cache(), lambda *download: progress(Downloading(*download)))
            with _step(progress, "storage"):
                broker(self.folder, ports).prepare()
        self._supervisor.start(parts, environment)
        self._start_parts([part for part in parts if part.name in INFRASTRUCTURE], progress)
        if set(INFRASTRUCTURE) <= set(self._names):
            with _step(progress, "topics and tables"):
                create_topics(settings.kafka, settings.topics)
                migrate(settings.clickhouse)
        self._start_parts([part for part in parts if part.name not in INFRASTRUCTURE], progress)

    def _start_parts(self, parts: Sequence[Part], progress: Progress) -> None:
        """Start them side by side, then wait for each."""
        for part in parts:
            self._supervisor.start_part(part.name)
        for part in parts:
            with _step(progress, part.name):
                self._wait_for(part)

    def _wait_for(self, part: Part) -> None:
        first = self._process(part).pid

        def settled() -> bool:
            now = self._process(part)
            return now.pid != first or (now.state == RUNNING and part.healthy())

        log = self._log(part.name)
        if not wait_until(settled, HEALTHY_TIMEOUT_SECONDS):
            raise StackError(f"{part.name} does not answer after {HEALTHY_TIMEOUT_SECONDS} s: see {log}")
        if first is None or self._process(part).pid != first:
            raise StackError(f"{part.name} does not start ({_last_line(log)}): see {log}")

    def _process(self, part: Part) -> ProcessInfo:
        return self._supervisor.info().get(part.name, ProcessInfo())

    def _end(self) -> bool:
        processes = processes_of(self.folder.path)
        if self.pid() is not None:
            self._supervisor.shut_down()
            wait_for_end(processes, STOP_TIMEOUT_SECONDS * len(self._names))
        end(processes_of(self.folder.path), STOP_TIMEOUT_SECONDS)
        return bool(processes)

    def _describe(self, part: Part, process: ProcessInfo) -> PartStatus:
        return PartStatus(
            name=part.name,
            state=process.state,
            healthy=process.state == RUNNING and part.healthy(),
            pid=process.pid,
            uptime_seconds=process.uptime_seconds,
            address=part.address,
            log=self._log(part.name),
        )

    def _log(self, name: str) -> Path:
        return self.folder.logs / f"{name}.log"


def running_environment(state_folder: Path) -> Mapping[str, str]:
    """The variables through which programs find the stack that runs in this folder; empty when none runs."""
    stack = Stack(state_folder)
    return stack.environment() if stack.pid() is not None else {}


def _with_whole_paths(environment: Mapping[str, str]) -> dict[str, str]:
    """The same, as it means to programs that run in the state folder.

    >>> Path(_with_whole_paths({"DRIFTLINE_ALERTING": "alerting.yaml"})["DRIFTLINE_ALERTING"]).is_absolute()
    True
    """
    named = {name: environment[name] for name in _FILES if environment.get(name)}
    return {**environment, **{name: str(Path(file).resolve()) for name, file in named.items()}}


def _check_ports(parts: Sequence[Part]) -> None:
    for part in parts:
        for port in part.ports:
            if not is_free(port):
                raise StackError(
                    f"port {port} of {part.name} is taken by another program: end that program, or delete stack.json "
                    f"in the state folder to have other ports drawn (the data stays)"
                )


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").split("\n") if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "no output")


@contextmanager
def _step(progress: Progress, name: str) -> Iterator[None]:
    progress(Starting(name))
    started = time.monotonic()
    yield
    progress(Started(name, time.monotonic() - started))
