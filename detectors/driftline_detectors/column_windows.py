"""Moments of columns over one window."""

import math
from typing import Final, Self

import numba
import numpy as np

from driftline_detectors.columns import ALL, Floats, Integers, Mask
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

    def extend(self, values: Floats, carried: Mask | None = None, columns: slice = ALL) -> Mask | None:
        """Take the next rows of these columns, (columns, rows), 1 or more; return which values are finite (None: all).

        A value that is not finite is a null where the row carries the column (`carried`; None: everywhere).
        """
        finite = np.isfinite(values)
        everywhere = bool(finite.all())
        state, rows = self._state[:, columns], values.shape[1]
        if carried is None or everywhere:
            state[1] += rows
        else:
            state[1] += carried.sum(axis=1)
        _add(values, state)
        return None if everywhere else finite

    def metrics(self) -> tuple[Floats, Integers]:
        """Return the METRICS of each column, (columns, metrics), and the number of values behind each.

        Of a column without values (`count` 0) only `count` and `nulls` mean something.
        """
        count, nulls, shift, total, squares, minimum, maximum = self._state
        with np.errstate(all="ignore"):
            mean = total / count
            std = np.sqrt(np.fmax(0.0, squares / count - mean * mean))
            figures = np.stack((count, nulls, shift + mean, std, minimum, maximum), axis=1)
        sizes = np.repeat(count[:, np.newaxis], len(METRICS), axis=1).astype(np.int64)
        sizes[:, METRICS.index("nulls")] = count + nulls
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
