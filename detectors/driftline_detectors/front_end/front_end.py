"""From a feature's values to likelihood ratios that are fair as long as nothing changes."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from driftline_detectors.columns import Floats, Integers, Singles
from driftline_detectors.front_end.few_values import MAX_BINS, FewValues
from driftline_detectors.front_end.reference import Reference
from driftline_detectors.front_end.scores import scores
from driftline_detectors.front_end.season import DAY_MS, HOUR_MS, MIN_SPAN_MS, Season, minute_of_week
from driftline_detectors.front_end.whitening import Whitening, autocorrelation, wanders
from driftline_detectors.snapshots import Plain

MEMORIES = (1000.0, 300.0, 100.0, 30.0)
"""How slowly a wandering level may be followed, in values."""

_UNSEEN_MS = 8 * HOUR_MS
"""Within so long a daily season would show as wandering."""

_SLOW_PARTS = 75
"""In the first hours, what changes more slowly than in this part of a day may be the time of day."""


class FrontEnd:
    """A numeric feature's reference, its season, and its autocorrelation, learned from a reference window.

    A value becomes its normal score among the reference; of that the season (season.py) and what the values before it
    tell (whitening.py) are taken away; what is left is ranked among the same residuals of the reference window. Where
    there are few values, and none tells of the next, how likely each is follows from season and level (few_values.py).
    """

    def __init__(
        self,
        reference: Reference,
        season: Season,
        whitening: Whitening,
        residuals: Reference | None = None,
        few: FewValues | None = None,
    ) -> None:
        self._reference = reference
        self._shares = reference.shares
        self._season = season
        self._whitening = whitening
        self._residuals = residuals
        self._few = few
        self._count = reference.size

    @classmethod
    def learn(cls, values: Singles, minute: Integers, span_ms: int) -> Self:
        """Return the front end for the values of a reference window in log order, with the minute of week of each."""
        reference = Reference.learn(values)
        bins = reference.bins(values)
        chosen = scores(bins, reference.shares, 0)
        raw = max(0.0, autocorrelation(chosen))
        season = Season.learn(chosen, minute, span_ms, (1 + raw) / (1 - raw))
        expected = season.at(minute)
        left = chosen - expected
        correlation = autocorrelation(left)
        for memory in _memories(len(values), span_ms):
            if not wanders(Whitening(correlation, memory).extend(left)):
                break
        whitening = Whitening(correlation, memory)
        if not (correlation or memory or season):
            return cls(reference, season, whitening)
        if not correlation and len(reference.shares) <= MAX_BINS + 1:
            return cls(reference, season, whitening, few=FewValues.learn(reference.shares, memory, bins, expected))
        return cls(reference, season, whitening, Reference.learn(whitening.extend(left).astype(np.float32)))

    def fill(self, into: Floats, rows: Integers, values: Singles, timestamp_ms: Integers) -> None:
        """Take the next finite values and their event times; write their likelihood ratios into these rows.

        `into` is (rows, VALUE_ALTERNATIVES).
        """
        if self._residuals is None and self._few is None:
            self._reference.fill(into, rows, values)
            return
        bins = self._reference.bins(values)
        expected = self._season.at(minute_of_week(timestamp_ms)) if self._season else np.zeros(len(values))
        if self._few is not None:
            self._few.fill(into, rows, bins, expected)
        elif self._residuals is not None:
            left = scores(bins, self._shares, self._count) - expected
            self._residuals.fill(into, rows, self._whitening.extend(left).astype(np.float32))
        self._count += len(values)

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {
            "reference": self._reference.snapshot(),
            "season": self._season.snapshot(),
            "count": self._count,
            "whitening": self._whitening.snapshot(),
            "residuals": None if self._residuals is None else self._residuals.snapshot(),
            "few": None if self._few is None else self._few.snapshot(),
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the front end that `snapshot` described; raise LookupError, TypeError or ValueError if damaged."""
        reference, residuals, few = Reference.restore(state["reference"]), state["residuals"], state.get("few")
        front_end = cls(
            reference,
            Season.restore(state["season"]),
            Whitening.restore(state["whitening"]),
            None if residuals is None else Reference.restore(residuals),
            None if few is None else FewValues.restore(few, reference.shares, reference.size),
        )
        front_end._count = int(state["count"])
        return front_end


def _memories(size: int, span_ms: int) -> list[float]:
    """How slowly the level may be followed, the slowest first; 0 is not at all."""
    if span_ms >= MIN_SPAN_MS:
        return [0.0, *MEMORIES]
    a_day = size * DAY_MS / max(1, span_ms)
    slowest = a_day / _SLOW_PARTS if span_ms < _UNSEEN_MS else MEMORIES[0]
    slowest = max(slowest, MEMORIES[-1])
    return [slowest if slowest < 100 * size else 0.0, *(memory for memory in MEMORIES if memory < slowest)]
