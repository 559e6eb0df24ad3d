"""The distribution of a feature in its reference window, in a few hundred bins."""

from collections.abc import Mapping
from typing import Any, Self

import numba
import numpy as np
from scipy.special import ndtr

from driftline_detectors.columns import Floats, Integers, Singles
from driftline_detectors.e_detector.likelihoods import value_ratios
from driftline_detectors.snapshots import Plain, packed, unpacked

BINS = 256

_LIMITS: Floats = ndtr(np.linspace(-3.3, 3.3, BINS - 1))
"""Shares of the reference below each bin but the first; bins are of one width in normal scores, finer in the tails."""


class Reference:
    """Bins of a reference's values, each with the share of them that it holds.

    Equal values are in one bin, so that counts and booleans have a bin each.

    >>> Reference.learn(np.repeat([0.0, 1.0, 5.0], [50, 30, 20])).bins(np.array([-1, 0, 1, 4.9, 5, 6], "f4")).tolist()
    [0, 0, 1, 1, 2, 2]
    """

    def __init__(self, edges: Singles, below: Integers) -> None:
        self._edges: Singles = edges.astype(np.float32)
        """Smallest value of each bin but the first."""
        self._below = below
        """Values of the reference below each bin, and their number."""
        self.ratios: Floats = value_ratios(packed(below), int(below[-1]))
        """Likelihood ratios of each bin (e_detector/likelihoods.py)."""

    @classmethod
    def learn(cls, values: Singles) -> Self:
        """Return the bins of some finite values, at least one."""
        ordered = np.sort(values)
        edges = np.unique(ordered[np.round(_LIMITS * (len(ordered) - 1)).astype(np.int64)])
        edges = edges[edges > ordered[0]]
        inner = np.searchsorted(ordered, edges)
        return cls(edges, np.concatenate(([0], inner, [len(ordered)])).astype(np.int64))

    def bins(self, values: Singles) -> Integers:
        """The bin of each value; fast for single-precision values only."""
        found: Integers = self._edges.searchsorted(values, "right")
        return found

    @property
    def size(self) -> int:
        """How many values it was learned from."""
        return int(self._below[-1])

    @property
    def shares(self) -> Floats:
        """Share of the reference below each bin, and 1."""
        shares: Floats = self._below / self.size
        return shares

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {"edges": packed(self._edges.astype(np.float64)), "below": packed(self._below)}

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the reference that `snapshot` described; raise LookupError, TypeError or ValueError if damaged."""
        below = unpacked(state["below"], int, -1)
        edges = unpacked(state["edges"], float, len(below) - 2)
        if below[0] != 0 or (np.diff(below) <= 0).any() or (np.diff(edges) <= 0).any():
            raise ValueError("bins of a reference that are not in order")
        return cls(edges, below)


@numba.njit(cache=True)
def copy_rows(into: Floats, rows: Integers, table: Floats, which: Integers) -> None:
    """Write these rows of a table into these rows of another."""
    for number in range(len(which)):
        for column in range(table.shape[1]):
            into[rows[number], column] = table[which[number], column]
