"""How often something happens that is to stay rare."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numba
import numpy as np

from driftline_detectors.columns import Floats, Integers, Mask
from driftline_detectors.e_detector.likelihoods import rate_ratios
from driftline_detectors.snapshots import Plain, packed, unpacked

_PRIOR = 10
"""So many rows the rate as a whole counts in the two that know the row before."""


class Rate:
    """The rate of an event in a reference window, after rows with it and after rows without it, against higher ones.

    Events often come in bursts: those of the reference are no news.

    Args:
        odds: The alternatives, as factors of the odds.
    """

    def __init__(self, odds: Sequence[float]) -> None:
        self._odds = tuple(odds)
        self._counts: Integers = np.zeros((2, 2), np.int64)
        """Rows of the reference: after a row without and with the event, without and with it."""
        self._last = False
        self._table: Floats | None = None

    @property
    def before(self) -> float:
        """The rate in the reference window."""
        return float(self._counts[:, 1].sum() / max(1, self._counts.sum()))

    def learn(self, events: Mask) -> None:
        """Take rows of the reference window."""
        found = np.bincount(2 * self._previous(events) + events, minlength=4)
        self._counts = self._counts + found.reshape(2, 2)

    def fill(self, into: Floats, rows: Integers, events: Mask) -> None:
        """Take the next rows, and write their likelihood ratios into these rows of (rows, odds)."""
        if self._table is None:
            self._table = self._ratios()
        self._last = bool(_fill(into, rows, events, self._last, self._table))

    def _previous(self, events: Mask) -> Integers:
        """1 where the row before had the event."""
        shifted = np.concatenate(([self._last], events))
        self._last = bool(shifted[-1])
        previous: Integers = shifted[:-1].astype(np.int64)
        return previous

    def _ratios(self) -> Floats:
        rows = self._counts.sum(axis=1)
        found = self._counts[:, 1] + _PRIOR * self.before
        return np.concatenate([rate_ratios(self._odds, *each) for each in zip(found, rows + _PRIOR, strict=True)])

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {"odds": list(self._odds), "counts": packed(self._counts), "last": self._last}

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the rate that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        rate = cls(tuple(map(float, state["odds"])))
        rate._counts, rate._last = unpacked(state["counts"], int, 2, 2), bool(state["last"])
        if rate._counts.min() < 0:
            raise ValueError(f"a rate of {rate._counts.tolist()} rows")
        return rate


@numba.njit(cache=True)
def _fill(into: Floats, rows: Integers, events: Mask, last: bool, table: Floats) -> bool:
    for number in range(len(events)):
        which = 2 * int(last) + int(events[number])
        for column in range(table.shape[1]):
            into[rows[number], column] = table[which, column]
        last = events[number]
    return last
