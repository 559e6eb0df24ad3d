"""What is watched of a model's traffic: whether predictions come, how many, and whether outcomes follow them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

from driftline_detectors.columns import Integers, TrafficColumns
from driftline_detectors.findings import DriftFinding, Segment
from driftline_detectors.hour_judgements import VOLUME, Judgement, of_model, of_segment, of_version
from driftline_detectors.hours import DAY, HOUR_MS
from driftline_detectors.interface import Direction
from driftline_detectors.snapshots import Plain
from driftline_detectors.tag_values import TagValues
from driftline_detectors.traffic_series import SILENCE, TrafficSeries
from driftline_detectors.traffic_versions import TrafficVersions

MAX_NEW_VERSIONS = 16
"""Versions that are counted until the next `forget_versions`."""


class TrafficMonitor:
    """Watches a model's traffic by the time of the log, hour by hour; and that of its segments and versions.

    What is usual at a time is what came at the same time a day ago and a week ago, as far as they are known: so on the
    first day, and on the first weekend and the day after it, only a silence longer than a set bound is told. An alarm
    is told once, until its figure is usual again; of a silence also the end is told ("up").

    A segment or a version is silent while the model goes on. What all traffic shows in the same hour is not told of
    them. A version that was replaced by another may stop (traffic_versions.py).

    Judged is where time passes (`at_tick`), and all rows before that place have been taken by then, in whatever
    portions.

    >>> import numpy as np
    >>> monitor = TrafficMonitor()
    >>> minutes = 60_000 * np.arange(4 * 24 * 60, 6 * 24 * 60)  # from a Monday on
    >>> monitor.add_predictions(TrafficColumns(minutes, np.arange(len(minutes))))
    >>> monitor.at_tick(int(minutes[-1]) + 10 * 60_000)
    []
    >>> [drift] = monitor.at_tick(int(minutes[-1]) + 30 * 60_000)
    >>> drift.kind, drift.statistic, drift.before, drift.after
    ('silence', 1800.0, 29.0, 0.0)
    """

    def __init__(self, tags: Sequence[str] = ()) -> None:
        self._whole = TrafficSeries()
        self._tags = {tag: TagValues() for tag in tags}
        self._segments: dict[tuple[str, str], TrafficSeries] = {}
        self._versions = TrafficVersions()
        self._judged = 0

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags whose values are watched by themselves."""
        return tuple(self._tags)

    def watch(self, tags: Sequence[str]) -> None:
        """Watch the values of these tags from now on; what is known of them goes on."""
        self._tags = {tag: self._tags.get(tag) or TagValues() for tag in tags}
        self._segments = {key: series for key, series in self._segments.items() if key[0] in self._tags}

    def add_predictions(self, came: TrafficColumns) -> None:
        """Take the next predictions."""
        if not len(came):
            return
        if self._whole.hours.first is None:
            self._judged = int(came.logged_at_ms[0]) // HOUR_MS
        self._whole.add_predictions(came.logged_at_ms, came.position)
        self._versions.add_predictions(came, MAX_NEW_VERSIONS)
        for tag, values in self._tags.items():
            column = came.segment.get(tag, ())
            for value, rows in values.split(column, values.learn(column), len(column)):
                series = self._segments.setdefault((tag, value), TrafficSeries())
                series.add_predictions(came.logged_at_ms[rows], came.position[rows])

    def add_repeated(self, logged_at_ms: Integers) -> None:
        """Take predictions that repeat an earlier one: when the log took them."""
        if self._whole.hours.first is not None and len(logged_at_ms):
            self._whole.add_repeated(logged_at_ms)

    def add_outcomes(self, came: TrafficColumns, delay_ms: Integers) -> None:
        """Take outcomes of known predictions, and how long after these they came."""
        if self._whole.hours.first is None or not len(came):
            return
        self._whole.add_outcomes(came.logged_at_ms, delay_ms, came.position)
        parts = [(self._versions.of(version), rows) for version, rows in came.versions.items()]
        for tag, values in self._tags.items():
            column = came.segment.get(tag, ())
            for value, rows in values.split(column, 0, len(column)):
                parts.append((self._segments.get((tag, value)), rows))
        for series, rows in parts:
            if series is not None:
                series.add_outcomes(came.logged_at_ms[rows], delay_ms[rows], came.position[rows])

    def promote(self, version: str) -> None:
        """A version has become champion."""
        self._versions.promote(version)

    def forget_versions(self, kept: int) -> None:
        """Forget all but so many of the newest versions."""
        self._versions.keep(kept)

    def at_tick(self, now_ms: int, silence_ms: float | None = None, champion: str | None = None) -> list[DriftFinding]:
        """Judge the hours that have ended, and the silence until now.

        `silence_ms` is the bound that was set for it, `champion` the version that the log names so.
        """
        if self._whole.hours.first is None:
            return []
        found = [*self._silences(now_ms, silence_ms, champion)]
        hour = now_ms // HOUR_MS
        for ended in range(max(self._judged, hour - DAY), hour):
            found += self._judge(ended)
        self._judged = max(self._judged, hour)
        return found

    def _silences(self, now_ms: int, bound_ms: float | None, champion: str | None) -> Iterator[DriftFinding]:
        """Who is silent, and whose silence has ended."""
        whole = self._whole
        yield from whole.ended_silence()
        if silence := whole.silence(now_ms, bound_ms):
            yield from whole.tell(silence, whole.last_ms)
        for segment, version, series in self._parts():
            found = [*series.ended_silence()]
            silence = series.silence(whole.last_ms, None, whole.resumed_ms)
            is_long = silence is not None and silence.statistic >= (bound_ms or 0) / 1000
            if silence and is_long and not self._is_replaced(version, silence, champion):
                found += series.tell(silence, series.last_ms)
            yield from (replace(each, segment=segment, version=version) for each in found)

    def _judge(self, hour: int) -> Iterator[DriftFinding]:
        """What an hour shows that has ended."""
        whole, since_ms = self._whole, (hour + 1) * HOUR_MS
        for judgement in of_model(whole.hours, hour):
            yield from whole.tell(judgement, since_ms)
        shown: dict[str, Direction] = dict(whole.told)
        if SILENCE in whole.told or whole.resumed_ms >= hour * HOUR_MS:
            shown[VOLUME] = "down"
        for segment, version, series in self._parts():
            judged = of_version(series.hours, hour, whole.hours) if version else of_segment(series.hours, hour)
            for judgement in judged:
                for each in series.tell(judgement, since_ms, shown):
                    yield replace(each, segment=segment, version=version)

    def _is_replaced(self, version: str, silence: Judgement, champion: str | None) -> bool:
        return bool(version) and self._versions.is_replaced(version, silence, self._whole, champion)

    def _parts(self) -> Iterator[tuple[Segment, str, TrafficSeries]]:
        """What is judged beside all traffic: segments, and versions that have a name."""
        yield from ((key, "", self._segments[key]) for key in sorted(self._segments))
        yield from (((), version, series) for version, series in self._versions if version)

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {
            "whole": self._whole.snapshot(),
            "tags": [[tag, *values.snapshot()] for tag, values in self._tags.items()],
            "segments": [[*key, self._segments[key].snapshot()] for key in sorted(self._segments)],
            "versions": self._versions.snapshot(),
            "judged": self._judged,
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the monitor that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        monitor = cls([str(tag) for tag, *_ in state["tags"]])
        monitor._whole = TrafficSeries.restore(state["whole"])
        for tag, counts, chosen in state["tags"]:
            monitor._tags[tag].restore(counts, chosen)
        for tag, value, series in state["segments"]:
            monitor._segments[str(tag), str(value)] = TrafficSeries.restore(series)
        monitor._versions = TrafficVersions.restore(state["versions"])
        monitor._judged = int(state["judged"])
        return monitor
