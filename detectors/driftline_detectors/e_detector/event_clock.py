"""Time that passes between rows, for a budget in days."""

import numba
import numpy as np

from driftline_detectors.columns import Floats, Integers

DAY_MS = 86_400_000.0
LONGEST_STEP_MS = 3_600_000
"""A row with a wrong clock moves time by no more."""


class EventClock:
    """Event time that never goes back, and from row to row not ahead by more than an hour.

    >>> clock = EventClock()
    >>> hour = 3_600_000
    >>> (24 * clock.days(hour * np.array([5, 6, 4, 7, 900]))).tolist()
    [0.0, 1.0, 0.0, 1.0, 1.0]
    """

    def __init__(self, now_ms: int | None = None) -> None:
        self.now_ms = now_ms
        """None before the first row."""

    def days(self, timestamp_ms: Integers) -> Floats:
        """Take the event times of the next rows; return how much time passed before each, in days."""
        steps_ms = np.zeros(len(timestamp_ms))
        if len(steps_ms):
            begin_ms = int(timestamp_ms[0]) if self.now_ms is None else self.now_ms
            self.now_ms = int(_steps(timestamp_ms, begin_ms, steps_ms))
        days: Floats = steps_ms / DAY_MS
        return days


@numba.njit(cache=True)
def _steps(timestamp_ms: Integers, now_ms: int, into: Floats) -> int:
    for row in range(len(timestamp_ms)):
        step = min(max(timestamp_ms[row] - now_ms, 0), LONGEST_STEP_MS)
        now_ms += step
        into[row] = step
    return now_ms
