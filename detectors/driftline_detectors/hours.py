"""What came in each hour of the last eight days."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from driftline_detectors.columns import Integers
from driftline_detectors.snapshots import Plain, packed, unpacked

HOUR_MS = 3_600_000
DAY = 24
WEEK = 7 * DAY
KEPT = WEEK + 2 * DAY
"""Hours that are remembered: a week ago, and the day before that."""

_THURSDAY, _SATURDAY = 3, 5
"""Days of the week from Monday on; 1970-01-01 was a Thursday."""


def is_weekend(hour: int) -> bool:
    """Whether an hour is one of a Saturday or Sunday, in UTC.

    >>> is_weekend(2 * DAY - 1), is_weekend(2 * DAY), is_weekend(4 * DAY)
    (False, True, False)
    """
    return (hour // DAY + _THURSDAY) % 7 >= _SATURDAY


class Hours:
    """Counters by hour, the hours numbered from 1970 on.

    Attributes:
        first: The first hour in which something came; None before it.
        last: The latest one.
    """

    def __init__(self, counters: int) -> None:
        self.first: int | None = None
        self.last = 0
        self._table: Integers = np.zeros((counters, KEPT), np.int64)

    def add(self, counter: int, hours: Integers, amounts: Integers) -> None:
        """Add amounts to the hours in which they came; those that are forgotten already are left out."""
        self._move_on(hours)
        if hours.min() == hours.max():  # mostly, and it takes a tenth of the time
            hours, amounts = hours[:1], amounts.sum(keepdims=True)
        fresh = hours > self.last - KEPT
        np.add.at(self._table[counter], hours[fresh] % KEPT, amounts[fresh])

    def raise_to(self, counter: int, hours: Integers, amounts: Integers) -> None:
        """Let the counter of an hour be no less than the amounts that came in it."""
        self._move_on(hours)
        if hours.min() == hours.max():
            hours, amounts = hours[:1], amounts.max(keepdims=True)
        fresh = hours > self.last - KEPT
        np.maximum.at(self._table[counter], hours[fresh] % KEPT, amounts[fresh])

    def _move_on(self, hours: Integers) -> None:
        """Move on to the latest of these hours."""
        latest = int(hours.max())
        if self.first is None:
            self.first = self.last = int(hours[0])
        if latest > self.last:
            forgotten = np.arange(max(self.last + 1, latest - KEPT + 1), latest + 1)
            self._table[:, forgotten % KEPT] = 0
            self.last = latest

    def knows(self, hour: int) -> bool:
        """Whether something had come before the beginning of that hour, and it is not forgotten."""
        return self.first is not None and self.first < hour and hour > self.last - KEPT

    def at(self, counter: int, hour: int) -> int:
        """What came in an hour that is known; 0 for one that is still to come."""
        return int(self._table[counter, hour % KEPT]) if hour <= self.last else 0

    def total(self, counter: int, end: int, hours: int) -> int:
        """What came in so many hours before `end`."""
        return int(self._table[counter, np.arange(end - hours, min(end, self.last + 1)) % KEPT].sum())

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {"first": self.first, "last": self.last, "table": packed(self._table)}

    @classmethod
    def restore(cls, state: Mapping[str, Any], counters: int) -> Self:
        """Return the hours that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged.

        Counters that an older snapshot does not have are 0.
        """
        hours = cls(counters)
        hours.first = None if state["first"] is None else int(state["first"])
        hours.last = int(state["last"])
        table = unpacked(state["table"], int, -1, KEPT)
        if len(table) > counters:
            raise ValueError(f"{len(table)} counters, and {counters} are known")
        hours._table[: len(table)] = table
        return hours
