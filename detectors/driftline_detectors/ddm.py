"""DDM on columns of errors: River's detector, with the start of its warning zone as the change point."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from river.drift import binary

from driftline_detectors.interface import Change, Past, Reading
from driftline_detectors.snapshots import Plain, refusing_damage, require

_FORMAT = 2


class Ddm:
    """Drift Detection Method (Gama et al., 2004): has the error rate risen above its best?

    Takes 0 (right) and 1 (wrong), and fires upwards only; the changes are those of `river.drift.binary.DDM`.

    `warm_start` (1 or more) counts the values before DDM may fire; it warns at `warning_threshold` and fires at
    `drift_threshold` standard deviations above the lowest rate seen (`0 < warning_threshold <= drift_threshold`).

    `statistic` is the error rate plus its standard deviation, `threshold` what it must exceed; both NaN during the warm
    start. A Change dates the drift at the start of the warning zone that led to it: `width` counts the errors since
    then (1 if it fired without a warning), `after` is their rate, `before` the lowest rate seen.

    Beware: the best rate of a short past is mostly luck. On streams that do not change at all 45 % of fresh detectors
    fire within their first 10,000 values, and one that saw no error in its warm start fires at the first.

    >>> Ddm().update([0.0, 0.0, 0.0, 1.0] * 250 + [0.0, 1.0] * 250)
    1121

    Source: J. Gama, P. Medas, G. Castillo, P. Rodrigues, "Learning with drift detection", SBIA 2004, pp. 286-295.
    """

    name: ClassVar[str] = "ddm"

    def __init__(self, warm_start: int = 30, warning_threshold: float = 2.0, drift_threshold: float = 3.0) -> None:
        if warm_start < 1:
            raise ValueError(f"warm_start is {warm_start!r}; it must be 1 or more; 30 is usual")
        if not 0 < warning_threshold <= drift_threshold:
            raise ValueError(
                f"warning_threshold is {warning_threshold!r} and drift_threshold {drift_threshold!r}; "
                "the first must be above 0 and not exceed the second; 2 and 3 are usual"
            )
        self._parameters = (warm_start, warning_threshold, drift_threshold)
        self._start()

    def _start(self) -> None:
        self._river: Any = binary.DDM(*self._parameters)
        self._warned_values = 0
        self._warned_errors = 0.0

    def update(self, values: list[float]) -> int | None:
        """Take the next errors up to the first at which a rise is seen; return its index, None if there is none."""
        river = self._river
        for index, value in enumerate(values):
            river.update(value)
            if river.warning_detected or river.drift_detected:
                self._warned_values += 1
                self._warned_errors += value
                if river.drift_detected:
                    return index
            elif self._warned_values:
                self._warned_values, self._warned_errors = 0, 0.0
        return None

    def change(self, past: Past) -> Change:
        """Describe the rise that `update` has just seen at the last value of `past`, and start afresh."""
        now, width, before = self.reading(past), self._warned_values, self._river._p_min
        after = self._warned_errors / width
        self._start()
        return Change(now.statistic, now.threshold, "up", before, after, width)

    def reading(self, past: Past) -> Reading:  # noqa: ARG002
        """Say where the detector stands; `width` counts the values since it started afresh."""
        river = self._river
        count, rate = int(river._p.n), river._p.get()
        if river._p_min is None:
            return Reading(math.nan, math.nan, rate if count else math.nan, count)
        statistic = rate + math.sqrt(rate * (1 - rate) / count)
        return Reading(statistic, river._p_min + river.drift_threshold * river._s_min, rate, count)

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        river = self._river
        return {
            "detector": self.name,
            "format": _FORMAT,
            "parameters": list(self._parameters),
            "count": river._p.n,
            "rate": river._p.get(),
            "rate_min": river._p_min,
            "deviation_min": river._s_min,
            "warning": river.warning_detected,
            "warned_values": self._warned_values,
            "warned_errors": self._warned_errors,
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the detector that `snapshot` described; raise SnapshotError if `state` is not one of its own."""
        with refusing_damage(cls.name):
            require(cls.name, "detector", state["detector"], cls.name)
            require(cls.name, "format", state["format"], _FORMAT)
            detector = cls(*state["parameters"])
            river = detector._river
            count, rate = float(state["count"]), float(state["rate"])
            if count < 0 or not 0 <= rate <= 1:
                raise ValueError(f"an error rate of {rate} over {count} values")
            river._p.n, river._p._mean = count, rate
            if state["rate_min"] is not None:
                river._p_min, river._s_min = float(state["rate_min"]), float(state["deviation_min"])
                river._ps_min = river._p_min + river._s_min
            river._warning_detected = bool(state["warning"])
            detector._warned_values = int(state["warned_values"])
            detector._warned_errors = float(state["warned_errors"])
            if detector._warned_values < 0:
                raise ValueError(f"a warning zone of {detector._warned_values} values")
        return detector
