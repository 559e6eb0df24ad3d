"""How often something happens that is to stay rare."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

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

    Attributes:
        last: Whether the latest row had the event.
    """

    def __init__(self, odds: Sequence[float]) -> None:
        self._odds = tuple(odds)
        self._counts: Integers = np.zeros((2, 2), np.int64)
        """Rows of the reference: after a row without and with the event, without and with it."""
        self._table: Floats | None = None
        self.last = False

    @property
    def before(self) -> float:
        """The rate in the reference window."""
        return float(self._counts[:, 1].sum() / max(1, self._counts.sum()))

    def learn(self, events: Mask) -> None:
        """Take rows of the reference window."""
        found = np.bincount(2 * self._previous(events) + events, minlength=4)
        self._counts = self._counts + found.reshape(2, 2)

    @property
    def ratios(self) -> Floats:
        """Likelihood ratios, (4, odds): after a row without and with the event, of one without and with it."""
        if self._table is None:
            rows = self._counts.sum(axis=1)
            found = self._counts[:, 1] + _PRIOR * self.before
            every = zip(found, rows + _PRIOR, strict=True)
            self._table = np.concatenate([rate_ratios(self._odds, *each) for each in every])
        return self._table

    def _previous(self, events: Mask) -> Integers:
        """1 where the row before had the event."""
        shifted = np.concatenate(([self.last], events))
        self.last = bool(shifted[-1])
        previous: Integers = shifted[:-1].astype(np.int64)
        return previous

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {"odds": list(self._odds), "counts": packed(self._counts), "last": self.last}

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the rate that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        rate = cls(tuple(map(float, state["odds"])))
        rate._counts, rate.last = unpacked(state["counts"], int, 2, 2), bool(state["last"])
        if rate._counts.min() < 0:
            raise ValueError(f"a rate of {rate._counts.tolist()} rows")
        return rate
