"""Moments of columns over one window."""

import math
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from driftline_detectors.columns import Floats
from driftline_detectors.snapshots import JSON, number

Metric = tuple[str, float, int]
"""Name, value, and the number of values that it was computed from."""

_EMPTY = np.array([0, 0, 0.0, 0.0, 0.0, math.inf, -math.inf])


class ColumnWindows:
    """Count, nulls, mean, standard deviation, minimum and maximum of several columns since their window began.

    The same values give the same figures, to the last bit, however they are cut: sums run strictly from left to right
    (`np.sum` adds in pairs, so that its last bit depends on the cut), and about each column's first value, which also
    keeps the spread of a column far from zero precise. A sum too large for a float is infinite.

    >>> windows = ColumnWindows(1)
    >>> finite = windows.extend(np.array([[2.0, np.nan, 4.0]]))
    >>> windows.metrics()[0][:4]
    [('count', 2.0, 2), ('nulls', 1.0, 3), ('mean', 3.0, 2), ('std', 1.0, 2)]
    """

    def __init__(self, columns: int = 0) -> None:
        self._state = np.tile(_EMPTY, (columns, 1)).T.copy()

    def __len__(self) -> int:
        return int(self._state.shape[1])

    def add_column(self) -> None:
        """Add a column without values."""
        self._state = np.column_stack((self._state, _EMPTY))

    def extend(self, values: Floats, carried: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
        """Take the next rows of all columns, (columns, rows); return which values are finite.

        A value that is not finite is a null where the row carries the column (`carried`; None: everywhere).
        """
        finite = np.isfinite(values)
        count, nulls, shift, total, squares, minimum, maximum = self._state
        found = finite.sum(axis=1)
        nulls += (values.shape[1] if carried is None else carried.sum(axis=1)) - found
        np.copyto(shift, values[np.arange(len(values)), finite.argmax(axis=1)], where=(count == 0) & (found > 0))
        count += found
        with np.errstate(over="ignore", invalid="ignore"):
            shifted = np.where(finite, values - shift[:, np.newaxis], 0.0)
            total[:] = _sums(total, shifted)
            squares[:] = _sums(squares, shifted * shifted)
        np.minimum(minimum, values.min(axis=1, where=finite, initial=math.inf), out=minimum)
        np.maximum(maximum, values.max(axis=1, where=finite, initial=-math.inf), out=maximum)
        return finite

    def metrics(self) -> list[list[Metric]]:
        """Return each column's metrics; of a column without values only `count` and `nulls`.

        The standard deviation is that of the window itself (divided by the count).
        """
        return [_metrics(*column) for column in self._state.T.tolist()]

    def snapshot(self) -> list[JSON]:
        """Return the whole state as plain JSON."""
        return [[number(cell) for cell in column] for column in self._state.T.tolist()]

    @classmethod
    def restore(cls, state: list[list[Any]], columns: int) -> Self:
        """Return the windows that `snapshot` described; raise TypeError or ValueError if they are damaged."""
        windows = cls(columns)
        if state:
            windows._state = np.array([[float(cell) for cell in column] for column in state]).T.copy()
        if windows._state.shape != (len(_EMPTY), columns):
            raise ValueError(f"expected {columns} columns of {len(_EMPTY)} figures, found {windows._state.shape}")
        return windows


def _sums(start: Floats, values: Floats) -> Floats:
    """Return `start` plus the sum of each row, added strictly from left to right."""
    sums: Floats = np.cumsum(np.column_stack((start, values)), axis=1)[:, -1]
    return sums


def _metrics(
    count: float, nulls: float, shift: float, total: float, squares: float, minimum: float, maximum: float
) -> list[Metric]:
    size = int(count)
    metrics = [("count", count, size), ("nulls", nulls, int(count + nulls))]
    if size:
        mean = total / count
        std = math.sqrt(max(0.0, squares / count - mean * mean))
        figures = {"mean": shift + mean, "std": std, "min": minimum, "max": maximum}
        metrics += [(metric, value, size) for metric, value in figures.items()]
    return metrics
