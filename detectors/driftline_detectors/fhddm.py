"""FHDDM on columns of errors: River's detector, fed what is right, and dated by the past."""

import math
from collections import deque
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from river.drift import binary

from driftline_detectors.interface import Change, Past, Reading
from driftline_detectors.river_detectors import Sides, described, first_alarm, number
from driftline_detectors.snapshots import Plain, refusing_damage, require

_FORMAT = 1


class Fhddm:
    """Fast Hoeffding Drift Detection Method (Pesaranghader and Viktor, 2016): is the latest window worse than the best?

    Takes 0 (right) and 1 (wrong), and fires upwards only. River's own fires when ones become fewer, so the changes are
    those of `river.drift.binary.FHDDM` fed 1 for right and 0 for wrong, without a short window. It compares the error
    rate of the last values with the lowest that so many values in a row have had.

    `sliding_window_size` (1 or more) is how many. `confidence_level` is the chance of a false alarm that Hoeffding's
    inequality allows two such windows, above 0 and below 1; smaller is more patient.

    `statistic` is the distance of the two rates, NaN before the window is full; `threshold` is what it must exceed. A
    Change dates the rise at the likeliest change point of the errors since the last change (milestones.py), and if the
    rate fell there, at the begin of the window.

    Beware: with its short memory it is quick to find large rises and hardly finds small ones: from 10 to 15 % it misses
    53 % within 20,000 values. It cannot fire at all if the `threshold`, `sqrt(ln(1 / confidence_level) / (2
    sliding_window_size))`, is 1 or more. On streams that do not change, one error in ten, it raises a false alarm every
    20 million values.

    >>> Fhddm().update(([0.0] * 9 + [1.0]) * 200 + [0.0, 1.0] * 250)
    2065

    Source: A. Pesaranghader, H. L. Viktor, "Fast Hoeffding drift detection method for evolving data streams",
    ECML-PKDD 2016, pp. 96-111.
    """

    name: ClassVar[str] = "fhddm"

    def __init__(self, sliding_window_size: int = 100, confidence_level: float = 1e-6) -> None:
        if not sliding_window_size >= 1:
            raise ValueError(f"sliding_window_size is {sliding_window_size!r}; it must be 1 or more; 100 is usual")
        if not 0 < confidence_level < 1:
            raise ValueError(
                f"confidence_level is {confidence_level!r}; it must lie between 0 and 1, both excluded; 1e-6 is usual"
            )
        self._parameters = (sliding_window_size, confidence_level)
        self._start()

    def _start(self) -> None:
        self._river: Any = binary.FHDDM(*self._parameters)
        self._window: deque[bool] = deque(maxlen=self._river.sliding_window_size)

    def update(self, values: list[float]) -> int | None:
        """Take the next errors up to the first at which a rise is seen; return its index, None if there is none."""
        right = [value == 0 for value in values]
        index = first_alarm(self._river, right)
        self._window.extend(right if index is None else right[: index + 1])
        return index

    def change(self, past: Past) -> Change:
        """Describe the rise that `update` has just seen at the last value of `past`, and start afresh."""
        now = self.reading(past)
        change = described(now, "up", past, Sides(1 - self._river._u_max, now.estimate, now.width))
        self._start()
        return change

    def reading(self, past: Past) -> Reading:  # noqa: ARG002
        """Say where the detector stands; `estimate` is the error rate of the window."""
        river, width = self._river, len(self._window)
        right = sum(self._window) / width if width else math.nan
        statistic = river._u_max - right if width == river.sliding_window_size else math.nan
        return Reading(statistic, river._epsilon, 1 - right, width)

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data; the window is a byte per value, 1 for right."""
        return {
            "detector": self.name,
            "format": _FORMAT,
            "parameters": list(self._parameters),
            "window": bytes(self._window),
            "best": self._river._u_max,
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the detector that `snapshot` described; raise SnapshotError if `state` is not one of its own."""
        with refusing_damage(cls.name):
            require(cls.name, "detector", state["detector"], cls.name)
            require(cls.name, "format", state["format"], _FORMAT)
            detector = cls(*state["parameters"])
            river, window = detector._river, state["window"]
            if not isinstance(window, bytes) or len(window) > river.sliding_window_size or window.strip(b"\0\1"):
                raise ValueError(f"a window of {window!r:.100}")
            detector._window.extend(map(bool, window))
            full = len(window) == river.sliding_window_size
            river._sliding_window.extend(map(bool, window[full:]))  # River drops the oldest of a full window at once
            river.n_one = sum(river._sliding_window)
            river._u_max = number(state, "best", 0, 1)
        return detector
