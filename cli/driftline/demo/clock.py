"""The pace of the replay, and why it stands still while a challenger is trained.

The replay squeezes 914 days into about half a minute: one second here is a month of the market. A training takes some
seconds on a laptop; in the market it is over within the same half hour, but here the stale model would seem to serve
for more months. So the replay's clock stands still while a retrain is in flight and the retrain service is behind by
more than some days of the market (it trains, or has not seen the last outcomes yet), and while the worker has a third
of a second of events before it. While challengers wait for outcomes in the champion's shadow the clock goes on. Nothing
is hidden: the report says how long and how often the clock stood.
"""

import time
from collections.abc import Callable

ROWS_PER_SECOND = 1_600
LONGEST_HOLD_SECONDS = 20.0
"""After so long the market goes on nevertheless."""
POLL_SECONDS = 0.05


class ReplayClock:
    """Advances at most `rows_per_second`, and not while something is under way.

    Args:
        under_way: Names what must end first, such as a retrain; asked before each step, it must return at once.
        rows_per_second: The pace.
        now: A monotonic clock in seconds.
        sleep: Waits for some seconds.

    Attributes:
        holds: How often the clock stood still.
        held_seconds: For how long in all.
    """

    def __init__(
        self,
        under_way: Callable[[], frozenset[str]],
        *,
        rows_per_second: float = ROWS_PER_SECOND,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.holds = 0
        self.held_seconds = 0.0
        self._under_way = under_way
        self._given_up: frozenset[str] = frozenset()
        self._rows_per_second = rows_per_second
        self._now = now
        self._sleep = sleep
        self._next = now()

    def advance(self, rows: int) -> None:
        """Return when the next `rows` rows may be played; nothing is waited for longer than the bound."""
        self._hold()
        if (early_seconds := self._next - self._now()) > 0:
            self._sleep(early_seconds)
        self._next = max(self._next, self._now() - 1.0) + rows / self._rows_per_second

    def _hold(self) -> None:
        if not (awaited := self._awaited()):
            return
        start = self._now()
        while awaited and self._now() - start < LONGEST_HOLD_SECONDS:
            self._sleep(POLL_SECONDS)
            awaited = self._awaited()
        self._given_up |= awaited
        self.holds += 1
        self.held_seconds += self._now() - start
        self._next = self._now()

    def _awaited(self) -> frozenset[str]:
        under_way = self._under_way()
        self._given_up &= under_way
        return under_way - self._given_up
