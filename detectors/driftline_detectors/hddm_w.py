"""HDDM_W on columns of errors: River's detector, dated by the past."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from river.drift import binary

from driftline_detectors.interface import Change, Past, Reading
from driftline_detectors.river_detectors import Sides, described, first_alarm, number
from driftline_detectors.snapshots import Plain, refusing_damage, require

_FORMAT = 1

_SAMPLES = ("_total", "_s1_incr", "_s2_incr")
"""River's weighted means that decide over a rise: of all values, of those up to the lowest mean, of those since."""


class HddmW:
    """Hoeffding's Drift Detection Method, W-test (Frias-Blanco et al., 2015): has the recent error rate risen?

    Takes 0 (right) and 1 (wrong), and fires upwards only; the changes are those of the one-sided
    `river.drift.binary.HDDMW`. It compares exponentially weighted means, before and since the point where the mean was
    surely lowest, by McDiarmid's inequality.

    `drift_confidence` is the chance of a false alarm that each comparison is allowed; smaller is more patient.
    `lambda_val` is the weight of each new value: the means reach back some `1 / lambda_val` values. Both lie above 0
    and below 1.

    `statistic` is the distance of the two means, `threshold` what it must exceed; both NaN until there are two. A
    Change dates the rise at the likeliest change point of the errors since the last change (milestones.py), and if the
    rate fell there, `1 / lambda_val` values ago.

    Beware: with its short memory it is quick to find large rises and hardly finds small ones: from 10 to 15 % it misses
    72 % within 20,000 values. On streams that do not change, one error in ten, it raises a false alarm every 3 million
    values.

    >>> HddmW().update(([0.0] * 9 + [1.0]) * 200 + [0.0, 1.0] * 250)
    2065

    Source: I. Frias-Blanco, J. del Campo-Avila, G. Ramos-Jimenez, R. Morales-Bueno, A. Ortiz-Diaz, Y. Caballero-Mota,
    "Online and non-parametric drift detection methods based on Hoeffding's bounds", IEEE Transactions on Knowledge and
    Data Engineering 27(3), 2015, pp. 810-823.
    """

    name: ClassVar[str] = "hddm-w"

    def __init__(self, drift_confidence: float = 0.001, lambda_val: float = 0.05) -> None:
        if not 0 < drift_confidence < 1:
            raise ValueError(
                f"drift_confidence is {drift_confidence!r}; it must lie between 0 and 1, both excluded; 0.001 is usual"
            )
        if not 0 < lambda_val < 1:
            raise ValueError(f"lambda_val is {lambda_val!r}; it must lie between 0 and 1, both excluded; 0.05 is usual")
        self._parameters = (drift_confidence, lambda_val)
        self._start()

    def _start(self) -> None:
        confidence, lambda_val = self._parameters
        self._river: Any = binary.HDDMW(confidence, confidence, lambda_val)  # type: ignore[no-untyped-call]

    def update(self, values: list[float]) -> int | None:
        """Take the next errors up to the first at which a rise is seen; return its index, None if there is none."""
        return first_alarm(self._river, values)

    def change(self, past: Past) -> Change:
        """Describe the rise that `update` has just seen at the last value of `past`, and start afresh."""
        river = self._river
        width = max(1, min(past.length - 1, round(1 / river.lambda_val)))
        otherwise = Sides(river._s1_incr.ewma, river._s2_incr.ewma, width)
        change = described(self.reading(past), "up", past, otherwise)
        self._start()
        return change

    def reading(self, past: Past) -> Reading:
        """Say where the detector stands; `estimate` is the rate of all errors since it started afresh."""
        old, new = self._river._s1_incr, self._river._s2_incr
        estimate = past.total / past.length if past.length else math.nan
        if not new.is_init:
            return Reading(math.nan, math.nan, estimate, past.length)
        threshold = self._river._mcdiarmid_bound(old.ibc + new.ibc, self._river.drift_confidence)
        return Reading(new.ewma - old.ewma, threshold, estimate, past.length)

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data; what River keeps of falls and warnings has no part in the changes."""
        samples = [getattr(self._river, name) for name in _SAMPLES]
        return {
            "detector": self.name,
            "format": _FORMAT,
            "parameters": list(self._parameters),
            "samples": [{"mean": each.ewma, "bound": each.ibc} if each.is_init else None for each in samples],
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the detector that `snapshot` described; raise SnapshotError if `state` is not one of its own."""
        with refusing_damage(cls.name):
            require(cls.name, "detector", state["detector"], cls.name)
            require(cls.name, "format", state["format"], _FORMAT)
            detector = cls(*state["parameters"])
            river = detector._river
            for name, sample in zip(_SAMPLES, state["samples"], strict=True):
                if sample is not None:
                    restored = getattr(river, name)
                    restored.update(number(sample, "mean", 0, 1))  # the first value is the mean
                    restored._ibc = number(sample, "bound", 0, 1)
            old = river._s1_incr
            if old.is_init != river._total.is_init or river._s2_incr.is_init > old.is_init:
                raise ValueError("a weighted mean is missing")
            if old.is_init:
                river._incr_cutpoint = old.ewma + river._mcdiarmid_bound(old.ibc, river.drift_confidence)
        return detector
