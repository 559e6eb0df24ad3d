"""ADWIN on columns: River's compiled window, without a Python call per value."""

import math
import zlib
from collections.abc import Mapping
from operator import length_hint
from typing import Any, ClassVar, Self

from river._river_rust.drift import AdaptiveWindowing

from driftline_detectors.adwin_window import refuse_damaged_window
from driftline_detectors.interface import Change, Past, Reading
from driftline_detectors.snapshots import Plain, refusing_damage, require

_FORMAT = 2
_MIN_SUBWINDOW = 5
"""The fewest values that either side of a cut may have."""

_DEFAULTS = {"clock": 32, "max_buckets": 5, "min_window_length": _MIN_SUBWINDOW, "grace_period": 10}
"""Those of `river.drift.ADWIN`, whose import takes two seconds, most of them for scikit-learn and pandas."""


class Adwin:
    """ADaptive WINdowing (Bifet and Gavalda, 2007): has the mean of a stream changed, up or down?

    The changes are those of `river.drift.ADWIN` with its other parameters at their defaults: it looks every 32 values,
    and after a change it starts afresh. Any finite numbers will do; the test is scaled by the window's own variance.

    `delta` is the chance of a false alarm that each look is allowed, above 0 and below 1; smaller is more patient.

    ADWIN says when there is a change, but hardly where: it drops old values only until the rest may pass for one
    distribution, and often keeps ten times too many. So the change point is the likeliest one among the milestones of
    the values since the last change (milestones.py): `before` and `after` are the means on its two sides, `statistic`
    is their distance, and `threshold` is the `eps_cut` of the paper, the distance that two parts of these lengths and
    this variance must exceed at confidence `delta` (where no milestone is near the change the distance may fall short
    of it; River looked closer). A Reading holds the same two figures for the likeliest change point so far (NaN before
    the ninth value).

    Beware: values that depend on each other (season, autocorrelation) or have heavy tails raise many false alarms, and
    one value of astronomic size blinds the detector for good.

    >>> Adwin().update([0.0, 1.0] * 500 + [4.0, 5.0] * 500)
    1023

    Source: A. Bifet, R. Gavalda, "Learning from time-changing data with adaptive windowing", SDM 2007, pp. 443-448.
    """

    name: ClassVar[str] = "adwin"

    def __init__(self, delta: float = 0.002) -> None:
        if not 0 < delta < 1:
            raise ValueError(f"delta is {delta!r}; it must lie between 0 and 1, both excluded; 0.002 is usual")
        self._delta = delta
        self._start()

    def _start(self) -> None:
        self._river: Any = AdaptiveWindowing(self._delta, **_DEFAULTS)
        self._deviation = 0.0

    def update(self, values: list[float]) -> int | None:
        """Take the next values up to the first at which a change is seen; return its index, None if there is none."""
        river = self._river
        before = river.get_width(), river.get_total(), river.get_variance()
        rest = iter(values)
        if not any(map(river.update, rest)):
            return None
        taken = len(values) - length_hint(rest)
        self._deviation = _deviation(*before, values[:taken])
        return taken - 1

    def change(self, past: Past) -> Change:
        """Describe the change that `update` has just seen at the last value of `past`, and start afresh."""
        threshold = self._eps_cut(past, self._deviation)
        self._start()
        return Change(
            statistic=abs(past.after - past.before),
            threshold=threshold,
            direction="up" if past.after > past.before else "down",
            before=past.before,
            after=past.after,
            width=past.length - past.cut,
        )

    def reading(self, past: Past) -> Reading:
        """Say where the detector stands: the likeliest change point so far against what it would have to exceed."""
        estimate = past.total / past.length if past.length else math.nan
        if not past.cut:
            return Reading(math.nan, math.nan, estimate, past.length)
        threshold = self._eps_cut(past, self._river.get_variance())
        return Reading(abs(past.after - past.before), threshold, estimate, past.length)

    def _eps_cut(self, past: Past, deviation: float) -> float:
        """Return how far apart the means on both sides of the cut must be, as River computes it."""
        old, new = past.cut, past.length - past.cut
        confidence = math.log(2 * math.log(past.length) / self._delta)
        scarcity = 1 / max(1, old - _MIN_SUBWINDOW + 1) + 1 / max(1, new - _MIN_SUBWINDOW + 1)
        return math.sqrt(2 * scarcity * (deviation / past.length) * confidence) + 2 / 3 * confidence * scarcity

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data: the compiled window's bytes, with a checksum."""
        window: bytes = self._river.__getstate__()
        return {
            "detector": self.name,
            "format": _FORMAT,
            "delta": self._delta,
            "window": window,
            "crc32": zlib.crc32(window),
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the detector that `snapshot` described; raise SnapshotError if `state` is not one of its own."""
        with refusing_damage(cls.name):
            require(cls.name, "detector", state["detector"], cls.name)
            require(cls.name, "format", state["format"], _FORMAT)
            detector = cls(float(state["delta"]))
            window = state["window"]
            if not isinstance(window, bytes):
                raise TypeError(f"an ADWIN window of type {type(window).__name__}")
            require(cls.name, "crc32", zlib.crc32(window), state["crc32"])
            refuse_damaged_window(window, detector._river.__getstate__())
            detector._river.__setstate__(window)
        return detector


def _deviation(count: float, total: float, deviation: float, values: list[float]) -> float:
    """Return a window's sum of squared deviations once it is extended by `values`, to the bit as River computes it.

    River has dropped values before one can look; what the window was just before has to be worked out once more.
    """
    for value in values:
        if count:
            distance = value - total / count
            deviation += count * distance * distance / (count + 1)
        count += 1
        total += value
    return deviation
