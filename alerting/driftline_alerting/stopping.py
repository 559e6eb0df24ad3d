"""Waiting that ends when the program does."""

import threading
from collections.abc import Callable
from typing import TypeVar

from driftline_schemas.retry import until_done

T = TypeVar("T")


class Stopped(Exception):
    """The program ends; what was not confirmed is taken up at the next start."""


class Stopping(threading.Event):
    """Set when the program ends."""

    def pause(self, seconds: float) -> None:
        """Wait; `Stopped` when the program ends meanwhile."""
        if self.wait(seconds):
            raise Stopped

    def until_done(self, what: str, attempt: Callable[[], T]) -> T:
        """Repeat `attempt` until it succeeds, with growing pauses; `Stopped` when the program ends before."""
        return until_done(what, attempt, hopeless=Stopped, wait=self.pause)
