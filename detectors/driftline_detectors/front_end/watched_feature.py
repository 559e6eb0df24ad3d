"""A feature from its first value on: learning its reference, then measured against it."""

from collections.abc import Mapping
from copy import copy
from typing import Any, NamedTuple, Self

import numpy as np

from driftline_detectors.columns import Floats, Integers, Singles
from driftline_detectors.front_end.categories import Categories
from driftline_detectors.front_end.front_end import FrontEnd
from driftline_detectors.front_end.reference_window import ReferenceWindow
from driftline_detectors.snapshots import Plain


class Learned(NamedTuple):
    """What of some rows belongs to the reference window: so many `values`, and the rows from `first` up to `end`."""

    first: int
    values: int
    end: int


_NOTHING = Learned(0, 0, 0)


class WatchedFeature:
    """Learns from the first values of a feature, up to the last of its reference window; measures those after it.

    It begins with its first value. Of a category the values are codes, whole numbers below 2**24.

    Attributes:
        front: What measures; None during the reference window.
        mean: Mean of the reference window.
        placed: Whether it has a place to learn (learning_places.py).
        waiting: Whether it waits for one; meanwhile it does not begin.
    """

    def __init__(self, reference_size: int, *, category: bool) -> None:
        self.category = category
        self.front: FrontEnd | Categories | None = None
        self.mean = float("nan")
        self.placed = self.waiting = False
        self._window: ReferenceWindow | None = ReferenceWindow(reference_size)
        self._begun = False

    @property
    def learns(self) -> bool:
        """Whether it is in its reference window."""
        return self._begun and self.front is None

    def fork(self) -> Self:
        """Return a twin of a category that goes its own way from here on."""
        twin = copy(self)
        twin.front, twin._window = copy(self.front), copy(self._window)  # their arrays are replaced, never changed
        return twin

    def successor(self) -> Self:
        """Return the same feature of another version of the model, which begins with that version's first value."""
        twin = self.restore(self.snapshot())
        twin._begun = twin.placed = False
        return twin

    def measure(self, values: Singles, rows: Integers, timestamp_ms: Integers, into: Floats) -> Learned:
        """Take the finite values of the next rows, and the event times of all; return what of them was learned.

        Likelihood ratios of the others are written into their rows of (rows, VALUE_ALTERNATIVES).
        """
        if self.waiting:
            return Learned(len(timestamp_ms), len(values), len(timestamp_ms))
        learned = _NOTHING
        if not self._begun or self.front is None:
            learned = self._learn(values, rows, timestamp_ms)
        if self.front is not None:
            values, rows = values[learned.values :], rows[learned.values :]
            everywhere = len(values) == len(timestamp_ms)
            self.front.fill(into, rows, values, timestamp_ms if everywhere else timestamp_ms[rows])
        return learned

    def _learn(self, values: Singles, rows: Integers, timestamp_ms: Integers) -> Learned:
        """Take what belongs to the reference window, if there still is one."""
        first = 0
        if not self._begun:
            first = int(rows[0]) if len(rows) else len(timestamp_ms)
            self._begun = len(rows) > 0
        window = self._window
        if window is None or not self._begun:
            return Learned(first, 0, first)
        learned = min(len(values), window.missing)
        complete = learned == window.missing
        window.take(values[:learned], timestamp_ms[rows[:learned]])
        if complete:
            self.front = self._learned(window)
            self.mean = float(window.values.astype(np.float64).mean())
            self._window = None
        return Learned(first, learned, int(rows[learned - 1]) + 1 if complete else len(timestamp_ms))

    def _learned(self, window: ReferenceWindow) -> FrontEnd | Categories:
        if self.category:
            return Categories.learn(window.values)
        return FrontEnd.learn(window.values, window.minutes.astype(np.int64), window.span_ms)

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {
            "category": self.category,
            "window": None if self._window is None else self._window.snapshot(),
            "front": None if self.front is None else self.front.snapshot(),
            "mean": self.mean,
            "begun": self._begun,
            "placed": self.placed,
            "waiting": self.waiting,
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the feature that `snapshot` described; raise LookupError, TypeError or ValueError if damaged."""
        feature = cls(1, category=bool(state["category"]))
        window, front = state["window"], state["front"]
        if (window is None) == (front is None):
            raise ValueError("a feature with a reference and a reference window, or without both")
        kind = Categories if feature.category else FrontEnd
        feature._window = None if window is None else ReferenceWindow.restore(window)
        feature.front = None if front is None else kind.restore(front)
        feature.mean, feature._begun = float(state["mean"]), bool(state["begun"])
        feature.placed = bool(state.get("placed", True))  # older snapshots know of no places: who learns goes on
        feature.waiting = bool(state.get("waiting", False))
        return feature
