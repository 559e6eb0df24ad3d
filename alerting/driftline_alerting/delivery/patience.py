"""Waiting that ends when the program does."""

import logging
import random
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 10.0

logger = logging.getLogger(__name__)


class Stopped(Exception):
    """The program ends; what was not confirmed is taken up at the next start."""


def pauses(first_seconds: float, longest_seconds: float) -> Iterator[float]:
    """How long to wait after each failure, in seconds: doubled each time, with jitter, for ever."""
    pause = first_seconds
    while True:
        yield min(pause, longest_seconds) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret
        pause = min(2 * pause, longest_seconds)


def wait(stopping: threading.Event, seconds: float) -> None:
    """Wait; `Stopped` when the program ends meanwhile."""
    if stopping.wait(seconds):
        raise Stopped


def until_done(what: str, attempt: Callable[[], T], stopping: threading.Event) -> T:
    """Repeat `attempt` until it succeeds, with growing pauses; `Stopped` when the program ends before."""
    for pause in pauses(_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS):
        try:
            return attempt()
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001 - told, and tried again
            logger.warning("%s failed, next try in %.1f s: %s", what, pause, error)
        wait(stopping, pause)
    raise AssertionError("pauses never end")
