"""Page-Hinkley on columns: River's detector, dated by the past."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from river import drift

from driftline_detectors.interface import Change, Direction, Past, Reading
from driftline_detectors.river_detectors import Sides, count, described, first_alarm
from driftline_detectors.snapshots import Plain, refusing_damage, require

_FORMAT = 1

_SUMS = ("_sum_increase", "_min_increase", "_sum_decrease", "_max_decrease")
"""River's cumulated deviations from the mean, and the lowest and the highest that they have been."""


class PageHinkley:
    """Page-Hinkley test (Page, 1954): has the mean of a stream moved, up or down?

    The changes are those of `river.drift.PageHinkley` in its mode "both". It adds up how far each value is from the
    mean so far, and fires when that sum has climbed far above its lowest, or fallen far below its highest.

    `min_instances` (1 or more) counts the values before it may fire. `delta` (0 or more) is what a deviation must
    exceed to count, `threshold` (above 0) how far the sum must go; both are in units of the values. `alpha` (above 0,
    at most 1) is what is left of the sum at each new value.

    `statistic` is how far the sum has gone, in the direction in which it is further, `threshold` what it must exceed;
    NaN before `min_instances` values. A Change dates the move at the likeliest change point of the values since the
    last change (milestones.py); if the mean moved the other way there, nothing is known but the mean of all values,
    which then is that of both sides.

    Beware: `delta` and `threshold` have to fit the scale of the values; at the defaults, streams of normal numbers of
    variance 1 that do not change raise a false alarm every 1,600 values, errors of 10 % one every 31,000. A value of
    astronomic size may blind it for good.

    >>> PageHinkley().update([0.0, 1.0] * 500 + [4.0, 5.0] * 500)
    1012

    Source: E. S. Page, "Continuous inspection schemes", Biometrika 41(1/2), 1954, pp. 100-115.
    """

    name: ClassVar[str] = "page-hinkley"

    def __init__(
        self, min_instances: int = 30, delta: float = 0.005, threshold: float = 50.0, alpha: float = 0.9999
    ) -> None:
        if not min_instances >= 1:
            raise ValueError(f"min_instances is {min_instances!r}; it must be 1 or more; 30 is usual")
        if not 0 <= delta < math.inf:
            raise ValueError(f"delta is {delta!r}; it must be 0 or more, and finite; 0.005 is usual")
        if not 0 < threshold < math.inf:
            raise ValueError(f"threshold is {threshold!r}; it must be above 0, and finite; 50 is usual")
        if not 0 < alpha <= 1:
            raise ValueError(f"alpha is {alpha!r}; it must be above 0 and at most 1; 0.9999 is usual")
        self._parameters = (min_instances, delta, threshold, alpha)
        self._start()

    def _start(self) -> None:
        self._river: Any = drift.PageHinkley(*self._parameters, mode="both")

    def update(self, values: list[float]) -> int | None:
        """Take the next values up to the first at which a change is seen; return its index, None if there is none."""
        return first_alarm(self._river, values)

    def change(self, past: Past) -> Change:
        """Describe the change that `update` has just seen at the last value of `past`, and start afresh."""
        up, down = self._distances()
        direction: Direction = "down" if down > self._river.threshold and not up > down else "up"
        mean = self._river._x_mean
        change = described(self.reading(past), direction, past, Sides(mean.get(), mean.get(), int(mean.n)))
        self._start()
        return change

    def reading(self, past: Past) -> Reading:  # noqa: ARG002
        """Say where the detector stands; `width` counts the values since it started afresh."""
        river = self._river
        width = int(river._x_mean.n)
        statistic = float(np.fmax(*self._distances())) if width >= river.min_instances else math.nan
        return Reading(statistic, river.threshold, river._x_mean.get() if width else math.nan, width)

    def _distances(self) -> tuple[float, float]:
        """Return how far the sums have climbed and fallen; NaN once they have left the range of floats."""
        river = self._river
        return river._sum_increase - river._min_increase, river._max_decrease - river._sum_decrease

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        river = self._river
        return {
            "detector": self.name,
            "format": _FORMAT,
            "parameters": list(self._parameters),
            "count": int(river._x_mean.n),
            "mean": river._x_mean.get(),
            "sums": [getattr(river, name) for name in _SUMS],
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the detector that `snapshot` described; raise SnapshotError if `state` is not one of its own."""
        with refusing_damage(cls.name):
            require(cls.name, "detector", state["detector"], cls.name)
            require(cls.name, "format", state["format"], _FORMAT)
            detector = cls(*state["parameters"])
            river = detector._river
            river._x_mean.n, river._x_mean._mean = float(count(state, "count")), float(state["mean"])
            for name, value in zip(_SUMS, state["sums"], strict=True):
                setattr(river, name, float(value))
        return detector
