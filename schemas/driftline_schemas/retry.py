"""Waiting for a part that is away."""

import logging
import random
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")

_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 10.0

logger = logging.getLogger(__name__)


def pauses(first_seconds: float, longest_seconds: float) -> Iterator[float]:
    """How long to wait after each failure, in seconds: doubled each time, with jitter, for ever."""
    pause = first_seconds
    while True:
        yield min(pause, longest_seconds) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret
        pause = min(2 * pause, longest_seconds)


def until_done(
    what: str,
    attempt: Callable[[], T],
    hopeless: type[Exception] | tuple[()] = (),
    wait: Callable[[float], object] = time.sleep,
) -> T:
    """Repeat `attempt` until it succeeds, with growing, jittered pauses.

    Only an interrupt ends it otherwise, an error of the class `hopeless`, which no waiting helps, and one that `wait`
    raises, which waits so many seconds.
    """
    for pause in pauses(_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS):
        try:
            return attempt()
        except hopeless:
            raise
        except Exception as error:
            logger.warning("%s failed, next try in %.1f s: %s", what, pause, error, exc_info=logger.isEnabledFor(10))
        wait(pause)
    raise AssertionError("pauses never end")
