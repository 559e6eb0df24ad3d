"""How often the state is stored."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MAX_SHARE = 0.05
"""Of the time between two snapshots, how much they may cost."""


IDLE_COST_SECONDS = MAX_SHARE
"""What may be spent after every block that a tick cut: ticks are a second apart, so the share is kept."""


class SnapshotPace:
    """Says after a block whether to store the state: when that costs a small share of the time since it was stored.

    The first snapshot is due at once; its cost sets the pace. Results do not depend on the pace, so it may use a clock.

    >>> now = iter([0.0, 0.5, 10.4, 10.6])
    >>> pace = SnapshotPace(lambda: next(now))
    >>> with pace.measured():  # from 0 to 0.5 s: the next one is due 10 s later
    ...     pass
    >>> pace.is_due(idle=True), pace.is_due(idle=False)
    (False, True)
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due_at = float("-inf")
        self._cost_seconds = 0.0

    def is_due(self, *, idle: bool) -> bool:
        """Whether to store the state now; if so its cost is counted anew.

        Args:
            idle: The block was cut by a tick: nothing else is to be done, and no such block follows within a second.
        """
        due = (idle and self._cost_seconds <= IDLE_COST_SECONDS) or self._clock() >= self._due_at
        if due:
            self._cost_seconds = 0.0
        return due

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Wrap a part of what a snapshot costs: taking, encoding, storing it."""
        began = self._clock()
        yield
        ended = self._clock()
        self._cost_seconds += ended - began
        self._due_at = ended + self._cost_seconds / MAX_SHARE
