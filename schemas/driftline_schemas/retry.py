"""Waiting for a part that is away."""

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 10.0

logger = logging.getLogger(__name__)


def until_done(what: str, attempt: Callable[[], T], hopeless: type[Exception] | tuple[()] = ()) -> T:
    """Repeat `attempt` until it succeeds, with growing, jittered pauses.

    Only an interrupt ends it otherwise, and an error of the class `hopeless`, which no waiting helps.
    """
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return attempt()
        except hopeless:
            raise
        except Exception as error:
            logger.warning(
                "%s failed, next try within %.1f s: %s", what, pause, error, exc_info=logger.isEnabledFor(10)
            )
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
