"""A small memory of a long stream: fine for what is recent, coarse for what is old."""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from driftline_detectors.snapshots import JSON, number

SPACING = 8
"""Every so many values are a milestone."""

PRECISION = 8
"""A milestone at age `a` has neighbours within about `a / PRECISION` values."""


class Milestones:
    """Remembers numbers about every 8th value of a stream, and forgets more and more of them as they age.

    The milestone at index `k` lives until it is PRECISION times as old as the largest power of two that divides `k`;
    index 0 lives for ever. So what is remembered is a function of the stream alone, however it is cut, and grows with
    the logarithm of its length: about 70 milestones after a million values.

    >>> milestones = Milestones()
    >>> milestones.extend(np.arange(1000, 2000))
    >>> [index for index, _ in milestones.rows][:6], milestones.at_or_before(990)
    ([0, 128, 256, 384, 512, 576], (984, 1984))
    """

    def __init__(self) -> None:
        self.count = 0
        self.rows: list[tuple[Any, ...]] = []

    def extend(self, *columns: NDArray[np.generic]) -> None:
        """Take the next values of the stream: one row of `columns` for each."""
        length = len(columns[0])
        first = -self.count % SPACING
        if first < length:
            indices = range(self.count + first, self.count + length, SPACING)
            self.rows += zip(indices, *(column[first::SPACING].tolist() for column in columns), strict=True)
            last = indices[-1]
            self.rows = [row for row in self.rows if not row[0] or last - row[0] <= PRECISION * (row[0] & -row[0])]
        self.count += length

    def at_or_before(self, index: int) -> tuple[Any, ...]:
        """Return (index, number, ...) of the latest milestone not after `index`; the stream must have begun."""
        return self.rows[bisect_right(self.rows, index, key=lambda row: row[0]) - 1]

    def snapshot(self) -> dict[str, JSON]:
        """Return the whole state as plain JSON."""
        return {"count": self.count, "rows": [[number(cell) for cell in row] for row in self.rows]}

    @classmethod
    def restore(cls, state: Mapping[str, Any], *types: type[int] | type[float]) -> Self:
        """Return the milestones that `snapshot` described, with columns of these types; raise if it is damaged."""
        milestones = cls()
        milestones.count = int(state["count"])
        readers = (int, *types)
        milestones.rows = [tuple(read(cell) for read, cell in zip(readers, row, strict=True)) for row in state["rows"]]
        ends = [*(row[0] for row in milestones.rows), milestones.count]
        if ends != sorted({0, *ends}):
            raise ValueError(f"milestones are not in order: {ends}")
        return milestones
