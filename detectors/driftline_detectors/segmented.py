"""A monitor of all traffic, and one for each of its larger segments."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Generic, Protocol, Self, TypeVar

import numpy as np

from driftline_detectors.columns import Integers, OptionalTexts
from driftline_detectors.findings import DriftFinding, Findings, Segment
from driftline_detectors.settings import MonitorSettings
from driftline_detectors.snapshots import Plain

MAX_SEGMENTS = 16
"""The values of a tag that are watched by themselves: the most frequent ones; the others are one segment."""

OTHERS = "other"
"""The value that stands for them."""

LEARNED_ROWS = 1_000
"""The first rows with a tag, which say what its most frequent values are."""


class Batch(Protocol):
    """Columns with tags."""

    @property
    def segment(self) -> Mapping[str, OptionalTexts]:
        """Each tag, None where a row has none."""
        ...

    def __len__(self) -> int: ...

    @property
    def position(self) -> Integers:
        """Offset of each row."""
        ...

    def take(self, rows: Integers) -> Self:
        """Return some of the rows."""
        ...


B_contra = TypeVar("B_contra", contravariant=True)


class Monitor(Protocol[B_contra]):
    """What watches rows."""

    def observe(self, batch: B_contra) -> Findings:
        """Take the next rows."""
        ...

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        ...


B = TypeVar("B", bound=Batch)
M = TypeVar("M", bound=Monitor[Any])


class _Tag:
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

    def split(self, values: OptionalTexts, begin: int) -> Iterator[tuple[str, Integers]]:
        """Return the rows from `begin` on of each segment."""
        chosen = self.chosen or frozenset()
        rows: dict[str, list[int]] = {}
        for row in range(begin, len(values)):
            value = values[row]
            if value is not None:
                rows.setdefault(value if value in chosen else OTHERS, []).append(row)
        for value, of_value in rows.items():
            yield value, np.array(of_value, np.int64)

    def copied(self) -> "_Tag":
        """Return one that knows the same, and learns by itself."""
        twin = _Tag()
        twin.counts, twin.chosen = self.counts.copy(), self.chosen
        return twin

    def snapshot(self) -> list[Plain]:
        """Return the whole state as plain data: what `restore` takes."""
        return [[list(each) for each in self.counts.items()], None if self.chosen is None else [*sorted(self.chosen)]]

    def restore(self, counts: list[Any], chosen: list[Any] | None) -> None:
        """Take over what `snapshot` gave."""
        self.counts.update({str(value): int(count) for value, count in counts})
        self.chosen = None if chosen is None else frozenset(map(str, chosen))


class Segmented(Generic[B, M]):
    """Watches all rows, and by themselves those of each value of the tags that the settings name.

    A segment's rows count towards that segment only, so all segments of a tag together see each row once: with one
    share of the budget of false alarms for all traffic and one for each tag, the whole keeps it. Of a budget in days
    each segment gets its own share: days pass for each.

    What all traffic shows is told once: of a segment no drift is told of which the whole told before.
    """

    def __init__(self, settings: MonitorSettings, make: Callable[[MonitorSettings], M]) -> None:
        shares = 1 + len(settings.segments)
        self.settings = _of_budget(settings, shares, shares)
        self._of_segment = _of_budget(settings, shares, shares * (MAX_SEGMENTS + 1))
        self._make = make
        self.whole = make(self.settings)
        self._tags = {tag: _Tag() for tag in settings.segments}
        self._segments: dict[tuple[str, str], M] = {}
        self._told: dict[tuple[str, str], int] = {}

    def successor(self, follow: Callable[[M], M]) -> Self:
        """Return what watches the same segments of another version; `follow` makes its monitors from these."""
        twin = copy(self)
        twin.whole = follow(self.whole)
        twin._tags = {tag: values.copied() for tag, values in self._tags.items()}
        twin._segments = {key: follow(monitor) for key, monitor in self._segments.items()}
        twin._told = {}
        return twin

    def observe(self, batch: B) -> Findings:
        """Take the next rows."""
        found = self.whole.observe(batch)
        if not self._tags:
            return found
        for tag, values in self._tags.items():
            if tag in batch.segment:
                self._observe_tag(tag, values, batch, found)
        drifts = sorted(found.drifts, key=lambda drift: drift.row)
        told = [drift for drift in drifts if self._is_news(drift, int(batch.position[drift.row]))]
        windows = sorted(found.windows, key=lambda window: window.row)
        return Findings(told, windows, found.readings)

    def _observe_tag(self, tag: str, values: _Tag, batch: B, found: Findings) -> None:
        """Show its rows to each segment of a tag, and add what they find."""
        column = batch.segment[tag]
        for value, rows in sorted(values.split(column, values.learn(column)), key=lambda each: each[0]):
            key = (tag, value)
            if key not in self._segments:
                self._segments[key] = self._make(self._of_segment)
            theirs = self._segments[key].observe(batch.take(rows))
            found.drifts.extend(_placed(theirs.drifts, rows, key))
            found.windows.extend(_placed(theirs.windows, rows, key))

    def _is_news(self, drift: DriftFinding, position: int) -> bool:
        """Whether a drift seen at `position` is not one that all traffic showed already."""
        key = (drift.kind, drift.feature or "")
        if not drift.segment:
            self._told[key] = position
            return True
        return drift.change_position > self._told.get(key, -1)

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {
            "whole": self.whole.snapshot(),
            "tags": [[tag, *values.snapshot()] for tag, values in self._tags.items()],
            "segments": [[*key, self._segments[key].snapshot()] for key in sorted(self._segments)],
            "told": [[*key, position] for key, position in self._told.items()],
        }

    def restore(self, state: Mapping[str, Any], read: Callable[[Any, MonitorSettings], M]) -> None:
        """Take over what `snapshot` gave; raise LookupError, TypeError or ValueError if it is damaged."""
        self.whole = read(state["whole"], self.settings)
        for tag, counts, chosen in state["tags"]:
            self._tags[tag].restore(counts, chosen)
        for tag, value, segment in state["segments"]:
            self._segments[str(tag), str(value)] = read(segment, self._of_segment)
        self._told = {(str(kind), str(feature)): int(position) for kind, feature, position in state["told"]}


def _of_budget(settings: MonitorSettings, in_events: int, in_days: int) -> MonitorSettings:
    """The settings of one of so many that share the budget."""
    days = None if settings.budget_days is None else settings.budget_days * in_days
    return replace(settings, budget_events=settings.budget_events * in_events, budget_days=days)


def _placed(found: Sequence[Any], rows: Integers, segment: Segment) -> Iterator[Any]:
    """Findings of a segment, at their rows in all traffic."""
    for each in found:
        yield replace(each, row=int(rows[each.row]), segment=segment)
