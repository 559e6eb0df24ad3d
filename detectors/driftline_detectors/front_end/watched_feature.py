"""A feature from its first value on: learning its reference, then measured against it."""

from collections.abc import Mapping
from copy import copy
from typing import Any, NamedTuple, Self

import numba
import numpy as np

from driftline_detectors.columns import Floats, Integers, Mask, Singles
from driftline_detectors.e_detector.likelihoods import VALUE_ALTERNATIVES
from driftline_detectors.front_end.categories import Categories
from driftline_detectors.front_end.front_end import FrontEnd
from driftline_detectors.front_end.rate import Rate
from driftline_detectors.front_end.reference_window import ReferenceWindow
from driftline_detectors.snapshots import Plain

VALUE, NULL, REPEAT = 0, 1, 2
"""What of a feature can change: its value, the rate of rows without one, that of values equal to the one before."""

STREAMS = (VALUE, NULL, REPEAT)

NULL_ODDS = (2.0, 5.0, 20.0, 100.0)
REPEAT_ODDS = (20.0, 100.0, 500.0, 2500.0)
"""Alternatives for the two rates, as factors of the odds: nulls become more, but what is frozen always repeats."""

_LARGEST = float(np.finfo(np.float32).max)
STREAM_OF = (*[VALUE] * VALUE_ALTERNATIVES, *[NULL] * len(NULL_ODDS), *[REPEAT] * len(REPEAT_ODDS))
"""Which of them each alternative is about."""

_FIRST_NULL, _FIRST_REPEAT = STREAM_OF.index(NULL), STREAM_OF.index(REPEAT)


class Measured(NamedTuple):
    """Likelihood ratios of rows, in which rows each stream is seen, and what they were made of.

    `ratios` is (rows, alternatives); `seen` and `told` are (rows, streams), rates told as 0 or 1. Where a stream is
    not seen, nothing is meant by its ratios and what is told.
    """

    ratios: Floats
    seen: Mask
    told: Floats

    def rest(self, begin: int) -> "Measured":
        """The rows from there on."""
        return Measured(self.ratios[begin:], self.seen[begin:], self.told[begin:])


class _Rows(NamedTuple):
    """Rows of one feature: its finite values, in which rows they are, and which equal the one before; the nulls."""

    timestamp_ms: Integers
    present: Integers
    values: Singles
    repeats: Mask
    nulls: Mask


class WatchedFeature:
    """Learns from the first values of a feature, up to the last of its reference window; measures those after it.

    It begins with its first value. Of a category the values are codes, whole numbers below 2**24. The rate of nulls is
    watched where it is `nullable`.
    """

    def __init__(self, reference_size: int, *, category: bool, nullable: bool) -> None:
        self.category = category
        self.nullable = nullable
        self._window: ReferenceWindow | None = ReferenceWindow(reference_size)
        self._front: FrontEnd | Categories | None = None
        self._nulls, self._repeats = Rate(NULL_ODDS), Rate(REPEAT_ODDS)
        self._last = np.float32("nan")
        self._mean = float("nan")
        self._begun = False

    @property
    def front(self) -> FrontEnd | Categories | None:
        """What measures; None during the reference window."""
        return self._front

    def fork(self) -> Self:
        """Return a twin of a category that goes its own way from here on."""
        twin = copy(self)
        for name in ("_window", "_front", "_nulls", "_repeats"):
            setattr(twin, name, copy(getattr(self, name)))  # their arrays are replaced, never changed
        return twin

    def successor(self) -> Self:
        """Return the same feature of another version of the model, which begins with that version's first value."""
        twin = self.restore(self.snapshot(), nullable=self.nullable)
        twin._begun = False
        return twin

    def measure(self, values: Floats, timestamp_ms: Integers, into: Measured) -> None:
        """Take the next rows: values (NaN where there is none) and event times; fill `into` where they are seen."""
        present, singles, repeats, nulls = _finite(values, self._last)
        if not self._begun:
            if not len(present):
                return
            self._begun, first = True, int(present[0])
            present = present - first
            timestamp_ms, nulls, into = timestamp_ms[first:], nulls[first:], into.rest(first)
        self._last = singles[-1] if len(singles) else self._last
        rows = _Rows(timestamp_ms, present, singles, repeats, nulls)
        learned = (0, 0) if self._front is not None else self._learn(rows)
        if self._front is not None:
            self._measure(self._front, rows, *learned, into)

    def _learn(self, rows: _Rows) -> tuple[int, int]:
        """Take what belongs to the reference window; return how many values and rows."""
        window = self._window
        if window is None:
            raise RuntimeError("a feature without a reference has a reference window")
        values = min(len(rows.values), window.missing)
        complete = values == window.missing
        end = int(rows.present[values - 1]) + 1 if complete else len(rows.timestamp_ms)
        window.take(rows.values[:values], rows.timestamp_ms[rows.present[:values]])
        if self.nullable:
            self._nulls.learn(rows.nulls[:end])
        self._repeats.learn(rows.repeats[:values])
        if complete:
            self._front = self._learned(window)
            self._mean = float(window.values.astype(np.float64).mean())
            self._window = None
        return values, end

    def _learned(self, window: ReferenceWindow) -> FrontEnd | Categories:
        if self.category:
            return Categories.learn(window.values)
        return FrontEnd.learn(window.values, window.minutes.astype(np.int64), window.span_ms)

    def _measure(self, front: FrontEnd | Categories, rows: _Rows, values: int, begin: int, into: Measured) -> None:
        """Measure the values after the first ones, and the null rate from row `begin` on."""
        singles, at = rows.values[values:], rows.present[values:]
        everywhere = len(rows.present) == len(rows.timestamp_ms)
        timestamp_ms = rows.timestamp_ms[values:] if everywhere else rows.timestamp_ms[at]
        front.fill(into.ratios[:, :VALUE_ALTERNATIVES], at, singles, timestamp_ms)
        self._repeats.last = _tell(*into, at, singles, rows.repeats[values:], self._repeats.ratios, self._repeats.last)
        if self.nullable:
            self._nulls.last = _tell_nulls(*into, rows.nulls, begin, self._nulls.ratios, self._nulls.last)

    def before(self, stream: int) -> float:
        """The mean VALUE, or the rate NULL or REPEAT, in the reference window."""
        return {VALUE: self._mean, NULL: self._nulls.before, REPEAT: self._repeats.before}[stream]

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {
            "category": self.category,
            "window": None if self._window is None else self._window.snapshot(),
            "front": None if self._front is None else self._front.snapshot(),
            "nulls": self._nulls.snapshot(),
            "repeats": self._repeats.snapshot(),
            "last": float(self._last),
            "mean": self._mean,
            "begun": self._begun,
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any], *, nullable: bool) -> Self:
        """Return the feature that `snapshot` described; raise LookupError, TypeError or ValueError if damaged."""
        feature = cls(1, category=bool(state["category"]), nullable=nullable)
        window, front = state["window"], state["front"]
        if (window is None) == (front is None):
            raise ValueError("a feature with a reference and a reference window, or without both")
        kind = Categories if feature.category else FrontEnd
        feature._window = None if window is None else ReferenceWindow.restore(window)
        feature._front = None if front is None else kind.restore(front)
        feature._nulls, feature._repeats = Rate.restore(state["nulls"]), Rate.restore(state["repeats"])
        feature._last, feature._mean = np.float32(state["last"]), float(state["mean"])
        feature._begun = bool(state["begun"])
        return feature


@numba.njit(cache=True)
def _finite(values: Floats, last: np.float32) -> tuple[Integers, Singles, Mask, Mask]:
    """The rows of the finite values, these in single precision, which of them equal the one before; the other rows."""
    rows, nulls = np.empty(len(values), np.int64), np.empty(len(values), np.bool_)
    singles, repeats = np.empty(len(values), np.float32), np.empty(len(values), np.bool_)
    found = 0
    for row in range(len(values)):
        nulls[row] = not np.isfinite(values[row])
        if not nulls[row]:
            single = np.float32(min(max(values[row], -_LARGEST), _LARGEST))
            rows[found], singles[found], repeats[found] = row, single, single == last
            last = single
            found += 1
    return rows[:found], singles[:found], repeats[:found], nulls


@numba.njit(cache=True)
def _tell(
    ratios: Floats, seen: Mask, told: Floats, rows: Integers, values: Singles, repeats: Mask, table: Floats, last: bool
) -> bool:
    """Write down the values, and repetitions with their ratios; return whether the last value is one."""
    for number in range(len(rows)):
        row, repeat = rows[number], repeats[number]
        told[row, VALUE], told[row, REPEAT] = values[number], repeat
        seen[row, VALUE], seen[row, REPEAT] = True, True
        _copy(table[2 * int(last) + int(repeat)], ratios[row, _FIRST_REPEAT:])
        last = repeat
    return last


@numba.njit(cache=True)
def _tell_nulls(
    ratios: Floats, seen: Mask, told: Floats, nulls: Mask, begin: int, table: Floats, last: bool
) -> bool:
    """Write down from row `begin` on which are null, with their ratios; return whether the last one is."""
    for row in range(begin, len(nulls)):
        null = nulls[row]
        told[row, NULL], seen[row, NULL] = null, True
        _copy(table[2 * int(last) + int(null)], ratios[row, _FIRST_NULL:])
        last = null
    return last


@numba.njit(cache=True)
def _copy(ratios: Floats, into: Floats) -> None:
    for each in range(len(ratios)):
        into[each] = ratios[each]
