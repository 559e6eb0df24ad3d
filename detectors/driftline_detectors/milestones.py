"""A small memory of a long stream: fine for what is recent, coarse for what is old."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Any, Self

from driftline_detectors.snapshots import JSON, number

SPACING = 8
"""Every so many values are a milestone."""

PRECISION = 8
"""A milestone at age `a` has neighbours within about `a / PRECISION` values."""

_SWEEP = 16 * SPACING
"""The old ones are forgotten each time that the stream has grown by so many values."""


class Milestones:
    """Remembers numbers about every 8th value of a stream, and forgets more and more of them as they age.

    The milestone at index `k` lives until it is PRECISION times as old as the largest power of two that divides `k`;
    index 0 lives for ever. So what is remembered is a function of the stream alone, however it is cut, and grows with
    the logarithm of its length: some 80 milestones after a million values.

    >>> milestones = Milestones()
    >>> column = list(range(1000, 2000))
    >>> milestones.extend(1000, column[milestones.due(1000)])
    >>> [index for index, _ in milestones.rows][:6], milestones.at_or_before(990)
    ([0, 128, 256, 384, 448, 512], (984, 1984))
    """

    def __init__(self) -> None:
        self.count = 0
        self.rows: list[tuple[Any, ...]] = []

    def due(self, length: int) -> slice:
        """Return which of the next `length` values are milestones."""
        return slice(-self.count % SPACING, length, SPACING)

    def extend(self, length: int, *columns: Iterable[float]) -> None:
        """Count the next `length` values; `columns` hold numbers to remember for those of them that are `due` only."""
        began, self.count = self.count, self.count + length
        due = range(began + -began % SPACING, self.count, SPACING)
        self.rows.extend(zip(due, *columns, strict=True))
        if began // _SWEEP < self.count // _SWEEP:
            swept = self.count - self.count % _SWEEP
            self.rows = [row for row in self.rows if not row[0] or swept - row[0] <= PRECISION * (row[0] & -row[0])]

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
