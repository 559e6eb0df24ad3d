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

    def seconds_until(self, number: int) -> float:
        """How long it is until row `number` (from 0) is due; 0 where it is due already."""
        if self._rate_per_second is None:
            return 0.0
        return max(0.0, self._started + number / self._rate_per_second - self._clock())

    def wait(self, number: int) -> None:
        """Wait until row `number` is due."""
        if seconds := self.seconds_until(number):
            self._sleep(seconds)
