"""Moments of columns over one window."""

import math
from typing import Final, Self

import numba
import numpy as np

from driftline_detectors.columns import Floats, Integers, Mask
from driftline_detectors.snapshots import packed, unpacked

METRICS: Final = ("count", "nulls", "mean", "std", "min", "max")
"""The standard deviation is that of the window itself (divided by the count)."""

_EMPTY = np.array([0.0, 0.0, 0.0, 0.0, 0.0, math.inf, -math.inf])


class ColumnWindows:
    """Count, nulls, mean, standard deviation, minimum and maximum of several columns since their window began.

    The same values give the same figures, to the last bit, however they are cut: sums run strictly from left to right
    (`np.sum` adds in pairs, so that its last bit depends on the cut), and about each column's first value, which also
    keeps the spread of a column far from zero precise. A sum too large for a float is infinite.

    >>> windows = ColumnWindows(1)
    >>> finite = windows.extend(np.array([[2.0, np.nan, 4.0]]))
    >>> figures, sizes = windows.metrics()
    >>> dict(zip(METRICS, figures[0].tolist()))
    {'count': 2.0, 'nulls': 1.0, 'mean': 3.0, 'std': 1.0, 'min': 2.0, 'max': 4.0}
    """

    def __init__(self, columns: int = 0) -> None:
        self._state: Floats = np.repeat(_EMPTY[:, np.newaxis], columns, axis=1)

    def __len__(self) -> int:
        return int(self._state.shape[1])

    def add_columns(self, columns: int) -> None:
        """Add columns without values."""
        self._state = np.concatenate((self._state, ColumnWindows(columns)._state), axis=1)

    def extend(self, values: Floats, carried: Mask | None = None) -> Mask | None:
        """Take the next rows, (columns, rows), 1 or more; return which values are finite (None: all).

        A value that is not finite is a null where the row carries the column (`carried`; None: everywhere).
        """
        finite = np.isfinite(values)
        everywhere = bool(finite.all())
        nulls = self._state[METRICS.index("nulls")]
        nulls += values.shape[1] if carried is None or everywhere else carried.sum(axis=1)
        _add(values, self._state)
        return None if everywhere else finite

    def metrics(self) -> tuple[Floats, Integers]:
        """Return the METRICS of each column, (columns, metrics), and the number of values behind each.

        Of a column without values (`count` 0) only `count` and `nulls` mean something.
        """
        figures = np.empty((len(self), len(METRICS)))
        sizes = np.empty(figures.shape, np.int64)
        _measure(self._state, figures, sizes)
        return figures, sizes

    def snapshot(self) -> bytes:
        """Return the whole state."""
        return packed(self._state)

    @classmethod
    def restore(cls, state: bytes, columns: int) -> Self:
        """Return the windows that `snapshot` described; raise TypeError or ValueError if they are damaged."""
        windows = cls()
        windows._state = unpacked(state, float, len(_EMPTY), columns)
        return windows


@numba.njit(cache=True)
def _add(values: Floats, state: Floats) -> None:
    """Add the finite values to all figures of `state`, and take them from its nulls."""
    count, nulls, shift, total, squares, minimum, maximum = state
    for column in range(len(values)):
        for value in values[column]:
            if np.isfinite(value):
                if count[column] == 0.0:
                    shift[column] = value
                shifted = value - shift[column]
                count[column] += 1.0
                nulls[column] -= 1.0
                total[column] += shifted
                squares[column] += shifted * shifted
                minimum[column] = min(minimum[column], value)
                maximum[column] = max(maximum[column], value)
        minimum[column] += 0.0  # which zero, 0.0 or -0.0, counts as the smaller one would depend on the cut
        maximum[column] += 0.0


@numba.njit(cache=True, error_model="numpy")
def _measure(state: Floats, figures: Floats, sizes: Integers) -> None:
    """Write down the METRICS of each column, and the number of values behind each."""
    for column in range(len(figures)):
        count, nulls, shift, total, squares, minimum, maximum = state[:, column]
        mean = total / count
        variance = squares / count - mean * mean
        figures[column, 0], figures[column, 1], figures[column, 2] = count, nulls, shift + mean
        figures[column, 3] = np.sqrt(variance) if variance > 0.0 else 0.0
        figures[column, 4], figures[column, 5] = minimum, maximum
        sizes[column] = np.int64(count)
        sizes[column, 1] = np.int64(count + nulls)
