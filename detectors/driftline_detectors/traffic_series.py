"""What came of a model, of one of its segments or of one of its versions, and what of it was told."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Self

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
    usual_hours,
)
from driftline_detectors.hours import DAY, HOUR_MS, Hours
from driftline_detectors.interface import Direction
from driftline_detectors.snapshots import Plain

SILENCE, SILENCE_END = "silence", "silence-end"

SHORTEST_SILENCE_MS = 300_000
"""Nobody is told of a shorter one, unless a bound is set."""

LONGER = 1.5
"""A silence is one when it is longer, by this factor, than any that was usual at this time."""

MISSED = 20
"""So many predictions must have been usual in that time."""

NOTHING: Final[Mapping[str, Direction]] = MappingProxyType({})


class _End(NamedTuple):
    """A silence that was told is over: how long it was, and offset and log time of the prediction that ended it."""

    silent_ms: int
    position: int
    at_ms: int


class TrafficSeries:
    """Counts predictions and outcomes by the hour, and tells a change once, until its figure is usual again.

    Attributes:
        hours: What came, by COUNTERS.
        begin: The offset of the first prediction.
        last_ms: When the log took the latest one.
        resumed_ms: When the latest silence that was told ended.
        told: The changes that last, each with its direction.
    """

    def __init__(self) -> None:
        self.hours = Hours(COUNTERS)
        self.begin = 0
        self.last_ms = 0
        self.resumed_ms = 0
        self.told: dict[str, Direction] = {}
        self._last_position = 0
        self._looked_minute = 0
        self._end: _End | None = None

    def add_predictions(self, logged_at_ms: Integers, position: Integers) -> None:
        """Take the next predictions, at least one, in log order: when the log took them, and their offsets."""
        if self.hours.first is None:
            self.begin, self.last_ms = int(position[0]), int(logged_at_ms[0])
        times = np.maximum.accumulate(np.concatenate(([self.last_ms], logged_at_ms)))
        hours = times[1:] // HOUR_MS
        self.hours.add(PREDICTIONS, hours, np.ones(len(hours), np.int64))
        self.hours.raise_to(GAP_MS, hours, np.diff(times))
        if self.told.pop(SILENCE, None):
            self.resumed_ms = int(times[1])
            self._end = _End(self.resumed_ms - self.last_ms, int(position[0]), self.resumed_ms)
        self.last_ms, self._last_position = int(times[-1]), int(position[-1])

    def add_repeated(self, logged_at_ms: Integers) -> None:
        """Take predictions that repeat an earlier one: when the log took them."""
        self.hours.add(REPEATED, logged_at_ms // HOUR_MS, np.ones(len(logged_at_ms), np.int64))

    def add_outcomes(self, logged_at_ms: Integers, delay_ms: Integers, position: Integers) -> None:
        """Take outcomes: when the log took them, how long after the prediction that was, and where both were known.

        Those that were known before the first prediction here belong to nothing that is counted here.
        """
        since = position >= self.begin
        if since.any():
            hours = logged_at_ms[since] // HOUR_MS
            self.hours.add(OUTCOMES, hours, np.ones(len(hours), np.int64))
            self.hours.add(DELAY_MS, hours, np.maximum(delay_ms[since], 0))

    def ended_silence(self) -> Iterator[DriftFinding]:
        """Tell that predictions come again."""
        if self._end is not None:
            silent_ms, position, at_ms = self._end
            self._end = None
            seconds = silent_ms / 1000
            over = Judgement(SILENCE_END, "silence", True, seconds, seconds, 0.0, 1.0)
            yield over.finding(position, at_ms)

    def silence(self, now_ms: int, bound_ms: float | None, since_ms: int = 0) -> Judgement | None:
        """The silence until now, if it is one that was not told.

        `bound_ms` is how long it must be, by default what is usual; what was before `since_ms` is no silence.
        """
        silent_ms = now_ms - max(self.last_ms, since_ms)
        if SILENCE in self.told or silent_ms < (SHORTEST_SILENCE_MS if bound_ms is None else bound_ms):
            return None
        if bound_ms is None:
            bound_ms = self._usual_silence_ms(now_ms, silent_ms)
        if silent_ms < bound_ms:
            return None
        missed, seconds = self.usual_predictions(now_ms - silent_ms, now_ms), (now_ms - self.last_ms) / 1000
        return Judgement(SILENCE, "silence", True, seconds, bound_ms / 1000, missed, 0.0)

    def _usual_silence_ms(self, now_ms: int, silent_ms: int) -> float:
        """How long a silence must be at this time; looked up once a minute, infinite between."""
        minute = now_ms // 60_000
        if minute == self._looked_minute:
            return np.inf
        self._looked_minute, usual = minute, usual_hours(self.hours, now_ms // HOUR_MS)
        if not usual or self.usual_predictions(now_ms - silent_ms, now_ms) < MISSED:
            return np.inf
        gaps = [self.hours.at(GAP_MS, near) for hour in usual for near in (hour - 1, hour, hour + 1)]
        return SHORTEST_SILENCE_MS + LONGER * max(gaps)

    def usual_predictions(self, since_ms: int, now_ms: int) -> float:
        """How many predictions were usual in a silence of so long, at most a day; 0 where that is not known."""
        missed = 0.0
        for hour, share in shares(since_ms, now_ms):
            usual = min((self.hours.at(PREDICTIONS, before) for before in usual_hours(self.hours, hour)), default=0)
            missed += min(share * usual, max(0, usual - self.hours.at(PREDICTIONS, hour)))
        return missed

    def tell(
        self, judgement: Judgement, since_ms: int, shown: Mapping[str, Direction] = NOTHING
    ) -> Iterator[DriftFinding]:
        """Tell what has changed, once, and unless it is `shown` already by what this is a part of."""
        if not judgement.changed:
            self.told.pop(judgement.detector, None)
        elif judgement.detector not in self.told:
            self.told[judgement.detector] = judgement.direction
            if shown.get(judgement.detector) != judgement.direction:
                yield judgement.finding(self._last_position, since_ms)

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {
            "hours": self.hours.snapshot(),
            "begin": self.begin,
            "last": [self.last_ms, self._last_position],
            "resumed": self.resumed_ms,
            "looked_minute": self._looked_minute,
            "told": [list(each) for each in sorted(self.told.items())],
            "end": None if self._end is None else list(self._end),
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the series that `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        series = cls()
        series.hours = Hours.restore(state["hours"], COUNTERS)
        series.begin, series.resumed_ms = int(state["begin"]), int(state["resumed"])
        series.last_ms, series._last_position = map(int, state["last"])
        series._looked_minute = int(state["looked_minute"])
        series.told = {str(detector): "up" if direction == "up" else "down" for detector, direction in state["told"]}
        series._end = None if state["end"] is None else _End(*map(int, state["end"]))
        return series


def shares(since_ms: int, now_ms: int) -> Iterator[tuple[int, float]]:
    """The hours of a time, of a longer one than a day those of its last, and which share of each lies in it.

    >>> list(shares(HOUR_MS // 2, HOUR_MS + HOUR_MS // 4))
    [(0, 0.5), (1, 0.25)]
    """
    for hour in range(max(since_ms // HOUR_MS, now_ms // HOUR_MS - DAY), now_ms // HOUR_MS + 1):
        yield hour, (min(now_ms, (hour + 1) * HOUR_MS) - max(since_ms, hour * HOUR_MS)) / HOUR_MS
