"""The whole demo: a stack of its own, the course on it, and the end of every process."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from driftline.demo.course import run_course
from driftline.demo.report import Report
from driftline.demo.stages import Stages
from driftline.stack.screen import shown_progress
from driftline.stack.stack import Stack
from driftline_schemas.errors import ConfigurationError, DriftlineError
from driftline_schemas.settings import Settings

RETRAINING = {
    "DRIFTLINE_RETRAIN_TRAINER": "gradient-boosting",
    "DRIFTLINE_RETRAIN_COOLDOWN_SECONDS": "0",
    "DRIFTLINE_BLOCK_RECORDS": "16",
}
"""The kind of model that serves. Times of the log mean nothing where a month is a second; outcomes are stored every few
days of the market instead of twice a month, so that a challenger is proved on those of the same week."""

_PREFIX, _CACHE = "DRIFTLINE_", "DRIFTLINE_CACHE"


@dataclass(frozen=True)
class DemoRun:
    """What is left of a run.

    Attributes:
        report: What was measured.
        folder: The stack's state folder.
    """

    report: Report
    folder: Path


def run_demo(console: Console, *, state: Path | None = None, keep: bool = False, rows: int | None = None) -> DemoRun:
    """Start a stack, run the course on it, and end it.

    A temporary folder is removed at the end, except with `keep`, after an error, or when something does not add up.

    Args:
        console: Where to show it.
        state: New or empty folder for the stack's data; None takes a temporary one.
        keep: Leave the stack running.
        rows: Play only so many rows; None plays all.

    Raises:
        ConfigurationError: The state folder is not empty.
        DriftlineError: Something does not start or does not answer.
    """
    stages = Stages(console)
    folder = Path(tempfile.mkdtemp(prefix="driftline-demo-")) if state is None else _empty(state)
    try:
        report = _run_in(folder, console, stages, keep=keep, rows=rows)
    except KeyboardInterrupt:
        _remove(folder, unless=state is not None)
        raise
    except DriftlineError:
        console.print(f"Data and logs of this run stay in {folder}", soft_wrap=True, highlight=False)
        raise
    _remove(folder, unless=state is not None or keep or bool(report.disagreements))
    return DemoRun(report, folder)


def _run_in(folder: Path, console: Console, stages: Stages, *, keep: bool, rows: int | None) -> Report:
    stack = Stack(folder, environment=_environment(os.environ))
    with _ended(stack, stages, keep=keep):
        announcement = "Starting Apache Kafka, ClickHouse's engine, a worker and the services behind it"
        with stages("start", announcement), shown_progress(console) as progress:
            stack.up(progress)
        settings = Settings.from_environment({**RETRAINING, **stack.environment()})
        console.print(f"Watch it in a browser: [bold]http://127.0.0.1:{settings.dashboard.port}[/]", highlight=False)
        return run_course(settings, console, stages, rows=rows)


@contextmanager
def _ended(stack: Stack, stages: Stages, *, keep: bool) -> Iterator[None]:
    """Whatever happens, end every process of the stack, unless all went well and it is to be kept."""
    kept = False
    try:
        yield
        kept = keep
    finally:
        if not kept:
            with _uninterrupted(), stages("stop", "Stopping every process"):
                stack.down()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let no second Ctrl-C leave processes behind."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _empty(folder: Path) -> Path:
    if folder.is_dir() and any(folder.iterdir()):
        raise ConfigurationError(f"{folder} is not empty: name a new folder with --state, the demo counts from zero")
    return folder.absolute()


def _remove(folder: Path, *, unless: bool) -> None:
    if not unless:
        shutil.rmtree(folder, ignore_errors=True)


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The parts' environment: settings that were made for another installation are not the demo's."""
    own = {name: value for name, value in environment.items() if not name.startswith(_PREFIX) or name == _CACHE}
    return own | RETRAINING
