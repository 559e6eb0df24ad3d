"""Waiting for a part that is away."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from driftline_schemas import ConfigurationError

T = TypeVar("T")

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 10.0

log = logging.getLogger(__name__)


async def until_done(
    what: str, attempt: Callable[[], Awaitable[T]], failed: Callable[[Exception | None], None] = lambda _: None
) -> T:
    """Repeat `attempt` until it succeeds, with growing, jittered pauses.

    A wrong setting is no outage: ConfigurationError ends it, and so does cancelling it.
    `failed` is told of each failure, and of the success that ends them by None.
    """
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            result = await attempt()
        except ConfigurationError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, nothing may be lost and nothing else can be done
            failed(error)
            log.warning("%s failed, next try in %.1f s: %s", what, pause, error)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        else:
            failed(None)
            return result
