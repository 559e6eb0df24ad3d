"""Moments of one column over one window."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from driftline_detectors.columns import Floats
from driftline_detectors.snapshots import JSON, number
from driftline_detectors.sums import running_sums


@dataclass(slots=True)
class ColumnWindow:
    """Count, nulls, mean, standard deviation, minimum and maximum of the values since the window began.

    The same values give the same figures, to the last bit, however they are cut into columns: sums run strictly from
    left to right, about the first value, which also keeps the variance of a column far from zero precise.

    >>> window = ColumnWindow()
    >>> window.extend(np.array([2.0, np.nan, 4.0]))
    >>> window.count, window.nulls, window.mean, window.std, window.minimum, window.maximum
    (2, 1, 3.0, 1.0, 2.0, 4.0)
    """

    count: int = 0
    nulls: int = 0
    shift: float = 0.0
    total: float = 0.0
    squares: float = 0.0
    minimum: float = math.inf
    maximum: float = -math.inf

    def extend(self, values: Floats) -> None:
        """Take the next values; one that is not finite is a null."""
        finite = values[np.isfinite(values)]
        self.nulls += len(values) - len(finite)
        if not len(finite):
            return
        if not self.count:
            self.shift = float(finite[0])
        self.count += len(finite)
        with np.errstate(over="ignore", invalid="ignore"):
            shifted = finite - self.shift
            self.total = float(running_sums(self.total, shifted)[-1])
            self.squares = float(running_sums(self.squares, shifted * shifted)[-1])
        self.minimum = min(self.minimum, float(finite.min()))
        self.maximum = max(self.maximum, float(finite.max()))

    @property
    def mean(self) -> float:
        """The mean; NaN without values."""
        return self.shift + self.total / self.count if self.count else math.nan

    @property
    def std(self) -> float:
        """The standard deviation of the window itself (divided by the count); NaN without values."""
        if not self.count:
            return math.nan
        mean = self.total / self.count
        return math.sqrt(max(0.0, self.squares / self.count - mean * mean))

    def metrics(self) -> list[tuple[str, float, int]]:
        """Return (metric, value, number of values behind it); without values only `count` and `nulls`."""
        found = [("count", float(self.count), self.count), ("nulls", float(self.nulls), self.count + self.nulls)]
        if self.count:
            moments = {"mean": self.mean, "std": self.std, "min": self.minimum, "max": self.maximum}
            found += [(metric, value, self.count) for metric, value in moments.items()]
        return found

    def snapshot(self) -> dict[str, JSON]:
        """Return the whole state as plain JSON."""
        return {field: number(value) for field, value in asdict(self).items()}

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the window that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        sums = {field: float(state[field]) for field in ("shift", "total", "squares", "minimum", "maximum")}
        return cls(count=int(state["count"]), nulls=int(state["nulls"]), **sums)
