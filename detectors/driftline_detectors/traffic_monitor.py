"""What is watched of a model's traffic: whether predictions come, how many, and whether outcomes follow them."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Self

import numpy as np

from driftline_detectors.columns import Integers
from driftline_detectors.findings import DriftFinding
from driftline_detectors.hour_judgements import (
    COUNTERS,
    DELAY_MS,
    GAP_MS,
    OUTCOMES,
    PREDICTIONS,
    REPEATED,
    Judgement,
    judge,
    usual_hours,
)
from driftline_detectors.hours import DAY, HOUR_MS, Hours
from driftline_detectors.snapshots import Plain

SILENCE, SILENCE_END = "silence", "silence-end"

SHORTEST_SILENCE_MS = 300_000
"""Nobody is told of a shorter one, unless a bound is set."""

LONGER = 1.5
"""A silence is one when it is longer, by this factor, than any that was usual at this time."""

MISSED = 20
"""So many predictions must have been usual in that time."""


class _End(NamedTuple):
    """A silence that was told is over: how long it was, and offset and log time of the prediction that ended it."""

    silent_ms: int
    position: int
    at_ms: int


class TrafficMonitor:
    """Watches a model's traffic by the time of the log, hour by hour.

    What is usual at a time is what came at the same time a day ago and a week ago, as far as they are known: so on the
    first day only a silence longer than a set bound is told. An alarm is told once, until its figure is usual again; of
    a silence also the end is told ("up").

    Judged is where time passes (`at_tick`), and all rows before that place have been taken by then, in whatever
    portions.

    >>> monitor = TrafficMonitor()
    >>> minutes = 60_000 * np.arange(2 * 24 * 60)
    >>> monitor.add_predictions(minutes, np.arange(len(minutes)))
    >>> monitor.at_tick(int(minutes[-1]) + 10 * 60_000)
    []
    >>> [drift] = monitor.at_tick(int(minutes[-1]) + 30 * 60_000)
    >>> drift.kind, drift.statistic, drift.before, drift.after
    ('silence', 1800.0, 29.0, 0.0)
    """

    def __init__(self) -> None:
        self._hours = Hours(COUNTERS)
        self._last_ms = 0
        self._last_position = 0
        self._judged: int | None = None
        self._looked_minute = 0
        self._told: set[str] = set()
        self._end: _End | None = None

    def add_predictions(self, logged_at_ms: Integers, position: Integers) -> None:
        """Take the next predictions, in log order: when the log took them, and their offsets."""
        if not len(logged_at_ms):
            return
        if self._hours.first is None:
            self._last_ms = int(logged_at_ms[0])
            self._judged = self._last_ms // HOUR_MS
        times = np.maximum.accumulate(np.concatenate(([self._last_ms], logged_at_ms)))
        hours = times[1:] // HOUR_MS
        self._hours.add(PREDICTIONS, hours, np.ones(len(hours), np.int64))
        self._hours.raise_to(GAP_MS, hours, np.diff(times))
        if SILENCE in self._told:
            self._told.discard(SILENCE)
            self._end = _End(int(times[1]) - self._last_ms, int(position[0]), int(times[1]))
        self._last_ms, self._last_position = int(times[-1]), int(position[-1])

    def add_repeated(self, logged_at_ms: Integers) -> None:
        """Take predictions that repeat an earlier one: when the log took them."""
        if self._hours.first is not None and len(logged_at_ms):
            self._hours.add(REPEATED, logged_at_ms // HOUR_MS, np.ones(len(logged_at_ms), np.int64))

    def add_outcomes(self, logged_at_ms: Integers, delay_ms: Integers) -> None:
        """Take outcomes of known predictions: when the log took them, and how long after the prediction that was."""
        if self._hours.first is None or not len(logged_at_ms):
            return
        hours = logged_at_ms // HOUR_MS
        self._hours.add(OUTCOMES, hours, np.ones(len(hours), np.int64))
        self._hours.add(DELAY_MS, hours, np.maximum(delay_ms, 0))

    def at_tick(self, now_ms: int, silence_ms: float | None = None) -> list[DriftFinding]:
        """Judge the hours that have ended, and the silence until now; `silence_ms` is the bound that was set for it."""
        if self._hours.first is None or self._judged is None:
            return []
        found = [*self._silence_end(), *self._silence(now_ms, silence_ms)]
        hour = now_ms // HOUR_MS
        for ended in range(max(self._judged, hour - DAY), hour):
            for judgement in judge(self._hours, ended):
                found += self._news(judgement, (ended + 1) * HOUR_MS)
        self._judged = max(self._judged, hour)
        return found

    def _silence_end(self) -> Iterator[DriftFinding]:
        """Tell that predictions come again."""
        if self._end is not None:
            silent_ms, position, at_ms = self._end
            self._end = None
            seconds = silent_ms / 1000
            over = Judgement(SILENCE_END, "silence", True, seconds, seconds, 0.0, 1.0)
            yield over.finding(position, at_ms)

    def _silence(self, now_ms: int, bound_ms: float | None) -> Iterator[DriftFinding]:
        silent_ms = now_ms - self._last_ms
        if SILENCE in self._told or silent_ms < (SHORTEST_SILENCE_MS if bound_ms is None else bound_ms):
            return
        if bound_ms is None:
            bound_ms = self._usual_silence_ms(now_ms)
        if silent_ms >= bound_ms:
            missed = self._missed(now_ms)
            silence = Judgement(SILENCE, "silence", True, silent_ms / 1000, bound_ms / 1000, missed, 0.0)
            yield from self._news(silence, self._last_ms)

    def _usual_silence_ms(self, now_ms: int) -> float:
        """How long a silence must be at this time; looked up once a minute, infinite between."""
        minute = now_ms // 60_000
        if minute == self._looked_minute:
            return np.inf
        self._looked_minute, usual = minute, usual_hours(self._hours, now_ms // HOUR_MS)
        if not usual or self._missed(now_ms) < MISSED:
            return np.inf
        gaps = [self._hours.at(GAP_MS, near) for hour in usual for near in (hour - 1, hour, hour + 1)]
        return SHORTEST_SILENCE_MS + LONGER * max(gaps)

    def _missed(self, now_ms: int) -> float:
        """How many predictions were usual in the time since the last one; 0 where that is not known."""
        missed = 0.0
        first = max(self._last_ms // HOUR_MS, now_ms // HOUR_MS - DAY)
        for hour in range(first, now_ms // HOUR_MS + 1):
            share = (min(now_ms, (hour + 1) * HOUR_MS) - max(self._last_ms, hour * HOUR_MS)) / HOUR_MS
            usual = min((self._hours.at(PREDICTIONS, before) for before in usual_hours(self._hours, hour)), default=0)
            missed += min(share * usual, max(0, usual - self._hours.at(PREDICTIONS, hour)))
        return missed

    def _news(self, judgement: Judgement, since_ms: int) -> Iterator[DriftFinding]:
        """Tell what has changed, once."""
        if not judgement.changed:
            self._told.discard(judgement.detector)
        elif judgement.detector not in self._told:
            self._told.add(judgement.detector)
            yield judgement.finding(self._last_position, since_ms)

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {
            "hours": self._hours.snapshot(),
            "last": [self._last_ms, self._last_position],
            "judged": self._judged,
            "looked_minute": self._looked_minute,
            "told": [*sorted(self._told)],
            "end": None if self._end is None else list(self._end),
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the monitor that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        monitor = cls()
        monitor._hours = Hours.restore(state["hours"], COUNTERS)
        monitor._last_ms, monitor._last_position = map(int, state["last"])
        monitor._judged = None if state["judged"] is None else int(state["judged"])
        monitor._looked_minute = int(state["looked_minute"])
        monitor._told = set(map(str, state["told"]))
        end = state.get("end")  # older snapshots have none
        monitor._end = None if end is None else _End(*map(int, end))
        return monitor
