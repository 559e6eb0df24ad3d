"""Which values of a tag are watched by themselves."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from driftline_detectors.columns import Integers, OptionalTexts
from driftline_detectors.snapshots import Plain

MAX_SEGMENTS = 16
"""The values of a tag that are watched by themselves: the most frequent ones; the others are one segment."""

OTHERS = "other"
"""The value that stands for them."""

LEARNED_ROWS = 1_000
"""The first rows with a tag, which say what its most frequent values are."""


class TagValues:
    """The values of a tag: which are most frequent, learned from the first rows that have it."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.chosen: frozenset[str] | None = None

    def learn(self, values: OptionalTexts) -> int:
        """Take rows until enough are known; return how many were taken."""
        if self.chosen is not None:
            return 0
        missing = LEARNED_ROWS - self.counts.total()
        there = [row for row, value in enumerate(values) if value is not None][:missing]
        self.counts.update(str(values[row]) for row in there)
        if len(there) < missing:
            return len(values)
        frequent = sorted(self.counts.items(), key=lambda each: (-each[1], each[0]))
        self.chosen = frozenset(value for value, _ in frequent[:MAX_SEGMENTS])
        self.counts.clear()
        return there[-1] + 1

    def split(self, values: OptionalTexts, begin: int, end: int) -> Iterator[tuple[str, Integers]]:
        """Return which of the rows from `begin` up to `end` are each segment's."""
        chosen = self.chosen or frozenset()
        rows: dict[str, list[int]] = {}
        for row in range(begin, end):
            value = values[row]
            if value is not None:
                rows.setdefault(value if value in chosen else OTHERS, []).append(row)
        for value, of_value in rows.items():
            yield value, np.array(of_value, np.int64)

    def copied(self) -> "TagValues":
        """Return one that knows the same, and learns by itself."""
        twin = TagValues()
        twin.counts, twin.chosen = self.counts.copy(), self.chosen
        return twin

    def snapshot(self) -> list[Plain]:
        """Return the whole state as plain data: what `restore` takes."""
        return [[list(each) for each in self.counts.items()], None if self.chosen is None else [*sorted(self.chosen)]]

    def restore(self, counts: list[Any], chosen: list[Any] | None) -> None:
        """Take over what `snapshot` gave."""
        self.counts.update({str(value): int(count) for value, count in counts})
        self.chosen = None if chosen is None else frozenset(map(str, chosen))
