"""A monitor of all traffic, and one for each of its larger segments."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Generic, Protocol, Self, TypeVar

from driftline_detectors.columns import Integers, OptionalTexts
from driftline_detectors.findings import CONTRIBUTIONS, DriftFinding, Findings, Segment
from driftline_detectors.settings import MonitorSettings
from driftline_detectors.snapshots import Plain
from driftline_detectors.tag_values import MAX_SEGMENTS, TagValues


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

    def evidence(self, feature: str | None) -> float:
        """How much evidence of a change of this feature there is; None is the model itself."""
        ...

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        ...


B = TypeVar("B", bound=Batch)
M = TypeVar("M", bound=Monitor[Any])


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
        self._tags = {tag: TagValues() for tag in settings.segments}
        self._segments: dict[tuple[str, str], M] = {}
        self._told: dict[tuple[str, str], int] = {}
        self._found: dict[tuple[str, str, str], tuple[int, float]] = {}
        """Offset and statistic of the last drift of each segment and feature."""

    def successor(self, follow: Callable[[M], M]) -> Self:
        """Return what watches the same segments of another version; `follow` makes its monitors from these."""
        twin = copy(self)
        twin.whole = follow(self.whole)
        twin._tags = {tag: values.copied() for tag, values in self._tags.items()}
        twin._segments = {key: follow(monitor) for key, monitor in self._segments.items()}
        twin._told, twin._found = {}, {}
        return twin

    def monitors(self) -> Iterator[M]:
        """The monitor of all traffic, then those of the segments, in an order that does not depend on the cut."""
        yield self.whole
        yield from (self._segments[key] for key in sorted(self._segments))

    def observe(self, batch: B) -> Findings:
        """Take the next rows."""
        found = self.whole.observe(batch)
        if not self._tags:
            return found
        evidence: dict[int, dict[Segment, float]] = {number: {} for number in range(len(found.drifts))}
        for tag, values in self._tags.items():
            if tag in batch.segment:
                self._observe_tag(tag, values, batch, found, evidence)
        for number, of_segments in evidence.items():
            found.drifts[number] = replace(found.drifts[number], segments=_shares(of_segments))
        drifts = sorted(found.drifts, key=lambda drift: drift.row)
        told = [drift for drift in drifts if self._is_news(drift, int(batch.position[drift.row]))]
        windows = sorted(found.windows, key=lambda window: window.row)
        return Findings(told, windows, found.readings)

    def _observe_tag(
        self, tag: str, values: TagValues, batch: B, found: Findings, evidence: Mapping[int, dict[Segment, float]]
    ) -> None:
        """Show its rows to each segment of a tag, and add what they find.

        Where all traffic showed a drift, by its number in `evidence`, the segments say how much of it they have seen.
        """
        column = batch.segment[tag]
        begin = values.learn(column)
        stops = sorted({found.drifts[number].row + 1 for number in evidence} | {len(batch)})
        for stop in stops:
            for value, rows in sorted(values.split(column, begin, stop), key=lambda each: each[0]):
                self._observe_segment((tag, value), rows, batch, found)
            begin = max(begin, stop)
            for number, of_segments in evidence.items():
                drift = found.drifts[number]
                if drift.row + 1 == stop:
                    theirs = [key for key in sorted(self._segments) if key[0] == tag]
                    of_segments.update({key: self._evidence(key, drift) for key in theirs})

    def _observe_segment(self, key: tuple[str, str], rows: Integers, batch: B, found: Findings) -> None:
        if key not in self._segments:
            self._segments[key] = self._make(self._of_segment)
        theirs = self._segments[key].observe(batch.take(rows))
        for drift in theirs.drifts:
            self._found[*key, drift.feature or ""] = int(batch.position[rows[drift.row]]), drift.statistic
        found.drifts.extend(_placed(theirs.drifts, rows, key))
        found.windows.extend(_placed(theirs.windows, rows, key))

    def _evidence(self, key: tuple[str, str], drift: DriftFinding) -> float:
        """How much a segment has seen of a drift of all traffic, also if it told it before and began anew."""
        position, statistic = self._found.get((*key, drift.feature or ""), (-1, 0.0))
        return self._segments[key].evidence(drift.feature) + (statistic if position > drift.change_position else 0.0)

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
            "found": [[*key, *self._found[key]] for key in sorted(self._found)],
        }

    def restore(self, state: Mapping[str, Any], read: Callable[[Any, MonitorSettings], M]) -> None:
        """Take over what `snapshot` gave; raise LookupError, TypeError or ValueError if it is damaged."""
        self.whole = read(state["whole"], self.settings)
        for tag, counts, chosen in state["tags"]:
            self._tags[tag].restore(counts, chosen)
        for tag, value, segment in state["segments"]:
            self._segments[str(tag), str(value)] = read(segment, self._of_segment)
        self._told = {(str(kind), str(feature)): int(position) for kind, feature, position in state["told"]}
        for tag, value, feature, position, statistic in state["found"]:
            self._found[str(tag), str(value), str(feature)] = int(position), float(statistic)


def _of_budget(settings: MonitorSettings, in_events: int, in_days: int) -> MonitorSettings:
    """The settings of one of so many that share the budget."""
    days = None if settings.budget_days is None else settings.budget_days * in_days
    return replace(settings, budget_events=settings.budget_events * in_events, budget_days=days)


def _shares(evidence: Mapping[Segment, float]) -> dict[str, float]:
    """What share of the evidence the segments have that have most of it."""
    largest = sorted(evidence.items(), key=lambda each: (-each[1], each[0]))[:CONTRIBUTIONS]
    total = sum(evidence.values())
    return {"=".join(segment): found / total for segment, found in largest if found > 0}


def _placed(found: Sequence[Any], rows: Integers, segment: Segment) -> Iterator[Any]:
    """Findings of a segment, at their rows in all traffic."""
    for each in found:
        yield replace(each, row=int(rows[each.row]), segment=segment)
