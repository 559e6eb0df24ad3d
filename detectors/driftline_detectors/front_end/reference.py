"""The distribution of a feature in its reference window, in a few hundred bins."""

from collections.abc import Mapping
from typing import Any, Self

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from driftline_detectors.columns import Floats, Integers, Singles
from driftline_detectors.e_detector.likelihoods import value_ratios
from driftline_detectors.snapshots import Plain, packed, unpacked

BINS = 256

_CELLS_PER_BIN = 4

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
        self._cells, self._scale = _cells(self._edges)
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
        """The bin of each value."""
        found: Integers = _bins(values, self._edges, self._cells, self._scale)
        return found

    def fill(self, into: Floats, rows: Integers, values: Singles) -> None:
        """Write the likelihood ratios of the values into these rows of (rows, VALUE_ALTERNATIVES)."""
        _fill(into, rows, values, self._edges, self._cells, self._scale, self.ratios)

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
        in_order = (np.diff(below) > 0).all() and (np.diff(edges) > 0).all()
        if below[0] != 0 or len(edges) >= BINS or not np.isfinite(edges).all() or not in_order:
            raise ValueError("bins of a reference that are not in order")
        return cls(edges, below)


def _cells(edges: Singles) -> tuple[NDArray[np.uint8], float]:
    """Between the edges lie cells of one width, some four to a bin: the first bin of each, and how many make a unit.

    A value's cell is computed, and has one or two bins. A search among all bins costs six times as much: half of its
    steps are mispredicted.
    """
    cells = np.zeros(_CELLS_PER_BIN * (len(edges) + 1) + 1, np.uint8)
    width = float(edges[-1]) - float(edges[0]) if len(edges) else 0.0
    scale = (len(cells) - 1) / width if width else 0.0
    _begin(edges, cells, scale)
    return cells, scale


@numba.njit(cache=True)
def _begin(edges: Singles, cells: NDArray[np.uint8], scale: float) -> None:
    """Write down how many edges lie in cells before each."""
    for edge in edges:
        cells[_cell(edge, edges[0], len(cells) - 1, scale) + 1] += 1
    for cell in range(1, len(cells)):
        cells[cell] += cells[cell - 1]


@numba.njit(cache=True)
def _cell(value: np.float32, lowest: np.float32, cells: int, scale: float) -> int:
    """The cell of a value; it never falls when the value rises."""
    place = (np.float64(value) - np.float64(lowest)) * scale
    if not place > 0.0:
        return 0
    return int(place) if place < cells else cells - 1


@numba.njit(cache=True)
def _bin(value: np.float32, edges: Singles, cells: NDArray[np.uint8], scale: float) -> np.int64:
    """How many edges are not above the value."""
    if not len(edges):
        return np.int64(0)
    cell = _cell(value, edges[0], len(cells) - 1, scale)
    low, high = np.int64(cells[cell]), np.int64(cells[cell + 1])
    while low < high:
        middle = (low + high) >> 1
        if edges[middle] <= value:
            low = middle + 1
        else:
            high = middle
    return low


@numba.njit(cache=True)
def _bins(values: Singles, edges: Singles, cells: NDArray[np.uint8], scale: float) -> Integers:
    found = np.empty(len(values), np.int64)
    for number in range(len(values)):
        found[number] = _bin(values[number], edges, cells, scale)
    return found


@numba.njit(cache=True)
def _fill(
    into: Floats,
    rows: Integers,
    values: Singles,
    edges: Singles,
    cells: NDArray[np.uint8],
    scale: float,
    ratios: Floats,
) -> None:
    found = _bins(values, edges, cells, scale)
    for number in range(len(values)):
        for column in range(ratios.shape[1]):
            into[rows[number], column] = ratios[found[number], column]
