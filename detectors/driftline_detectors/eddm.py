"""EDDM on columns of errors: River's detector, dated by the past."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from river.drift import binary

from driftline_detectors.interface import Change, Past, Reading
from driftline_detectors.river_detectors import Sides, count, described, first_alarm, number
from driftline_detectors.snapshots import Plain, refusing_damage, require

_FORMAT = 1


class Eddm:
    """Early Drift Detection Method (Baena-Garcia et al., 2006): do errors follow each other sooner than they did?

    Takes 0 (right) and 1 (wrong), and fires upwards only; the changes are those of `river.drift.binary.EDDM`.

    `warm_start` (1 or more) counts the errors before EDDM may fire. It fires when the distances between errors, their
    mean plus twice their standard deviation, fall below the share `beta` (above 0 and below 1; larger is more eager) of
    the largest ever.

    `statistic` is that share, at most 1, NaN during the warm start; `threshold` is `beta`, which it must fall below. A
    Change dates the rise at the likeliest change point of the errors since the last change (milestones.py), and if the
    rate fell there, at the error that fired.

    Beware: the largest of many distances is mostly luck. On streams that do not change, one error in ten, it raises a
    false alarm every 18,000 values.

    >>> Eddm().update(([0.0] * 9 + [1.0]) * 100 + [0.0, 1.0] * 1000)
    1255

    Source: M. Baena-Garcia, J. del Campo-Avila, R. Fidalgo, A. Bifet, R. Gavalda, R. Morales-Bueno, "Early drift
    detection method", International Workshop on Knowledge Discovery from Data Streams 2006.
    """

    name: ClassVar[str] = "eddm"

    def __init__(self, warm_start: int = 30, beta: float = 0.9) -> None:
        if not warm_start >= 1:
            raise ValueError(f"warm_start is {warm_start!r}; it must be 1 or more; 30 is usual")
        if not 0 < beta < 1:
            raise ValueError(f"beta is {beta!r}; it must lie between 0 and 1, both excluded; 0.9 is usual")
        self._parameters = (warm_start, beta)
        self._start()

    def _start(self) -> None:
        warm_start, beta = self._parameters
        self._river: Any = binary.EDDM(warm_start, alpha=beta, beta=beta)

    def update(self, values: list[float]) -> int | None:
        """Take the next errors up to the first at which a rise is seen; return its index, None if there is none."""
        return first_alarm(self._river, values)

    def change(self, past: Past) -> Change:
        """Describe the rise that `update` has just seen at the last value of `past`, and start afresh."""
        river = self._river
        otherwise = Sides((river._n_errors - 1) / (river._n - 1), 1.0, 1)
        change = described(self.reading(past), "up", past, otherwise)
        self._start()
        return change

    def reading(self, past: Past) -> Reading:  # noqa: ARG002
        """Say where the detector stands; `width` counts the values since it started afresh."""
        river = self._river
        estimate = river._n_errors / river._n if river._n else math.nan
        if river._n_errors <= river.warm_start:
            return Reading(math.nan, river.beta, estimate, river._n)
        distances = river._error_distances
        share = (distances.mean.get() + 2 * math.sqrt(distances.get())) / river._p2s_prime_max
        return Reading(share, river.beta, estimate, river._n)

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        river = self._river
        return {
            "detector": self.name,
            "format": _FORMAT,
            "parameters": list(self._parameters),
            "count": river._n,
            "errors": river._n_errors,
            "last_error": river._last_error,
            "mean": river._error_distances.mean.get(),
            "squares": river._error_distances._S,
            "largest": river._p2s_prime_max,
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the detector that `snapshot` described; raise SnapshotError if `state` is not one of its own."""
        with refusing_damage(cls.name):
            require(cls.name, "detector", state["detector"], cls.name)
            require(cls.name, "format", state["format"], _FORMAT)
            detector = cls(*state["parameters"])
            river = detector._river
            river._n = count(state, "count")
            river._last_error = count(state, "last_error", river._n)
            river._n_errors = count(state, "errors", river._last_error)
            distances = river._error_distances
            distances.mean.n = float(river._n_errors)
            distances.mean._mean = number(state, "mean", min(1, river._n_errors), river._n)
            distances._S = number(state, "squares", 0, float(river._n) ** 2 * river._n)
            river._p2s_prime_max = number(state, "largest")
            if not river._p2s_prime_max >= distances.mean.get() and river._n_errors > river.warm_start:
                raise ValueError(f"distances of {distances.mean.get()} on average, {river._p2s_prime_max} at most")
        return detector
