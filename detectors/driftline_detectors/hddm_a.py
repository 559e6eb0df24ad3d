"""HDDM_A on columns of errors: River's detector, dated by the past."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from river.drift import binary

from driftline_detectors.interface import Change, Past, Reading
from driftline_detectors.river_detectors import Sides, count, described, first_alarm, number
from driftline_detectors.snapshots import Plain, refusing_damage, require

_FORMAT = 1


class HddmA:
    """Hoeffding's Drift Detection Method, A-test (Frias-Blanco et al., 2015): has the average error rate risen?

    Takes 0 (right) and 1 (wrong), and fires upwards only; the changes are those of the one-sided
    `river.drift.binary.HDDMA`. It compares the error rate of all values with the one at the point where the rate was
    surely lowest, by Hoeffding's inequality.

    `drift_confidence` is the chance of a false alarm that each comparison is allowed, above 0 and below 1; smaller is
    more patient.

    `statistic` is the distance of the two rates, `threshold` what it must reach; both NaN while the lowest rate is that
    of all values. A Change dates the rise at the likeliest change point of the errors since the last change
    (milestones.py), and if the rate fell there, at the point of the lowest rate.

    Beware: it compares averages of the whole past. After 20,000 values without a change, a rise from 10 to 15 % takes
    1,700 more until it is found, and every fourth from 10 to 12 % is not found within 20,000. On streams that do not
    change, one error in ten, it raises a false alarm every 2 million values.

    >>> HddmA().update(([0.0] * 9 + [1.0]) * 200 + [0.0, 1.0] * 250)
    2021

    Source: I. Frias-Blanco, J. del Campo-Avila, G. Ramos-Jimenez, R. Morales-Bueno, A. Ortiz-Diaz, Y. Caballero-Mota,
    "Online and non-parametric drift detection methods based on Hoeffding's bounds", IEEE Transactions on Knowledge and
    Data Engineering 27(3), 2015, pp. 810-823.
    """

    name: ClassVar[str] = "hddm-a"

    def __init__(self, drift_confidence: float = 0.001) -> None:
        if not 0 < drift_confidence < 1:
            raise ValueError(
                f"drift_confidence is {drift_confidence!r}; it must lie between 0 and 1, both excluded; 0.001 is usual"
            )
        self._drift_confidence = drift_confidence
        self._start()

    def _start(self) -> None:
        confidence = self._drift_confidence
        self._river: Any = binary.HDDMA(confidence, confidence)  # type: ignore[no-untyped-call]

    def update(self, values: list[float]) -> int | None:
        """Take the next errors up to the first at which a rise is seen; return its index, None if there is none."""
        return first_alarm(self._river, values)

    def change(self, past: Past) -> Change:
        """Describe the rise that `update` has just seen at the last value of `past`, and start afresh."""
        every, lowest = self._river._z, self._river._x_min
        width = every.n - lowest.n
        otherwise = Sides(lowest.get(), lowest.get() + (every.get() - lowest.get()) * every.n / width, int(width))
        change = described(self.reading(past), "up", past, otherwise)
        self._start()
        return change

    def reading(self, past: Past) -> Reading:  # noqa: ARG002
        """Say where the detector stands; `width` counts the values since it started afresh."""
        every, lowest = self._river._z, self._river._x_min
        estimate = every.get() if every.n else math.nan
        if lowest.n == every.n:
            return Reading(math.nan, math.nan, estimate, int(every.n))
        scarcity = (every.n - lowest.n) / lowest.n * (1 / every.n)
        threshold = math.sqrt(scarcity / 2 * math.log(2 / self._drift_confidence))
        return Reading(every.get() - lowest.get(), threshold, estimate, int(every.n))

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data; River's highest rate and its warning have no part in the changes."""
        every, lowest = self._river._z, self._river._x_min
        return {
            "detector": self.name,
            "format": _FORMAT,
            "drift_confidence": self._drift_confidence,
            "count": int(every.n),
            "rate": every.get(),
            "lowest_count": int(lowest.n),
            "lowest_rate": lowest.get(),
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the detector that `snapshot` described; raise SnapshotError if `state` is not one of its own."""
        with refusing_damage(cls.name):
            require(cls.name, "detector", state["detector"], cls.name)
            require(cls.name, "format", state["format"], _FORMAT)
            detector = cls(float(state["drift_confidence"]))
            every, lowest = detector._river._z, detector._river._x_min
            every.n, every._mean = float(count(state, "count")), number(state, "rate", 0, 1)
            lowest.n, lowest._mean = float(count(state, "lowest_count")), number(state, "lowest_rate", 0, 1)
            if not min(1, every.n) <= lowest.n <= every.n:
                raise ValueError(f"a lowest rate over {lowest.n} of {every.n} values")
        return detector
