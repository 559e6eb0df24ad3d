"""So many rows a second."""

import time
from collections.abc import Callable


class Pacer:
    """Waits so that rows come at a rate; after a delay it catches up.

    Args:
        rate_per_second: Rows per second; None never waits.
        clock: Seconds, monotonic.
        sleep: Waits for seconds.
    """

    def __init__(
        self,
        rate_per_second: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate_per_second = rate_per_second
        self._clock = clock
        self._sleep = sleep
        self._started = clock()

    def wait(self, number: int) -> None:
        """Wait until row `number` (from 0) is due."""
        if self._rate_per_second is None:
            return
        ahead_seconds = self._started + number / self._rate_per_second - self._clock()
        if ahead_seconds > 0:
            self._sleep(ahead_seconds)
