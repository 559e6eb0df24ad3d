"""Processes that the driver starts, disturbs and ends; it never touches another."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 60


@dataclass
class Process:
    """One program that is started again and again.

    Attributes:
        name: What the report calls it.
        command: Runs it in the foreground.
        environment: What it reads.
        healthy: Whether it does its work.
        log: Where its output goes.
        disturbed: Whether a disturbance of it is under way.
        wanted: Whether it was started and nobody ended it since.
        hung: How often it did not end within `STOP_SECONDS` of a SIGTERM.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    healthy: Callable[[], bool]
    log: Path
    disturbed: bool = False
    wanted: bool = False
    hung: int = 0
    _asked_at: float = 0.0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def ending(self) -> bool:
        """Whether it was asked to end and still has time to."""
        return self.running and not self.wanted and time.monotonic() < self._asked_at + STOP_SECONDS

    @property
    def pid(self) -> int:
        """Of the running process."""
        if self._process is None:
            raise RuntimeError(f"{self.name} does not run")
        return self._process.pid

    def start(self) -> None:
        """Start it; does not wait until it works."""
        self.wanted = True
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command, env=dict(self.environment), cwd=self.log.parent, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; nothing happens when it has ended by itself."""
        if number == signal.SIGTERM:
            self.wanted, self._asked_at = False, time.monotonic()
        if self.running:
            os.kill(self.pid, number)  # not reaped, so the id is still its own

    def kill(self) -> None:
        """End it at once, also when it is stopped."""
        self.wanted = False
        if self._process is not None:
            self._process.kill()
            self._process.wait(STOP_SECONDS)

    def terminate(self) -> None:
        """Ask it to end and wait for it; one that does not is counted and killed."""
        if self._process is None:
            return
        if self.wanted:
            self.send(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.hung += 1
            self.kill()


def wait_for(what: str, condition: Callable[[], bool], timeout_seconds: float) -> None:
    """Poll until the condition holds; fail with its name after the time-out."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout_seconds:.0f} s: {what}")
        time.sleep(0.2)
