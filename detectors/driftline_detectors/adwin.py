"""ADWIN on columns: River's compiled window, without a Python call per value."""

import base64
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate, islice
from operator import length_hint
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from river import drift

from driftline_detectors.interface import Change, Reading
from driftline_detectors.milestones import Milestones
from driftline_detectors.snapshots import JSON, refusing_damage, require

_FORMAT = 1
_MIN_SUBWINDOW = 5
"""River's default `min_window_length`: the fewest values that either side of a cut may have."""


@dataclass(frozen=True, slots=True)
class _Window:
    """Count, total and sum of squared deviations of all values since the last change."""

    count: int
    total: float
    deviation: float

    def extended(self, values: list[float]) -> "_Window":
        """Return the window with `values`, to the bit as River computes it.

        River has dropped values before one can look; what the window was just before has to be worked out once more.
        """
        count, total, deviation = self.count, self.total, self.deviation
        for value in values:
            if count:
                distance = value - total / count
                deviation += count * distance * distance / (count + 1)
            count += 1
            total += value
        return _Window(count, total, deviation)


class Adwin:
    """ADaptive WINdowing (Bifet and Gavalda, 2007): has the mean of a stream changed, up or down?

    The changes are those of `river.drift.ADWIN` with its other parameters at their defaults: it looks every 32 values,
    and after a change it starts afresh. Any finite numbers will do; the test is scaled by the window's own variance.

    `delta` is the chance of a false alarm that each look is allowed, above 0 and below 1; smaller is more patient.

    ADWIN says when there is a change, but hardly where: it drops old values only until the rest may pass for one
    distribution, and often keeps ten times too many. So the change point is the likeliest one for a shift of the mean,
    which maximises `n0 n1 (mean1 - mean0)^2`, among milestones (milestones.py) of the values since the last change:
    `before` and `after` are the means on its two sides, `statistic` is their distance, and `threshold` is the `eps_cut`
    of the paper, the distance that two parts of these lengths and this variance must exceed at confidence `delta`.
    A Reading holds the same two figures for the likeliest change point so far (NaN before the ninth value).

    Beware: values that depend on each other (season, autocorrelation) or have heavy tails raise many false alarms, and
    one value of astronomic size blinds the detector for good.

    >>> detector = Adwin()
    >>> column = np.array([0.0, 1.0] * 500 + [4.0, 5.0] * 500)
    >>> [(c.index, c.direction, c.before, c.after, c.width) for c in detector.update(column)]
    [(1023, 'up', 0.5, 4.5, 24)]

    Source: A. Bifet, R. Gavalda, "Learning from time-changing data with adaptive windowing", SDM 2007, pp. 443-448.
    """

    name: ClassVar[str] = "adwin"

    def __init__(self, delta: float = 0.002) -> None:
        if not 0 < delta < 1:
            raise ValueError(f"delta is {delta!r}; it must lie between 0 and 1, both excluded; 0.002 is usual")
        self._delta = delta
        self._start()

    def _start(self) -> None:
        self._river: Any = drift.ADWIN(delta=self._delta)._helper  # type: ignore[no-untyped-call]
        self._totals = Milestones()

    def update(self, values: NDArray[np.float64]) -> list[Change]:
        """Take the next values of the stream, in order, and return the changes among them, in order."""
        changes: list[Change] = []
        column: list[float] = values.tolist()
        rest = iter(column)
        begin = 0
        while begin < len(column):
            before = self._window()
            changed = any(map(self._river.update, rest))
            end = len(column) - length_hint(rest)
            totals = accumulate(column[begin:end], initial=before.total)
            due = self._totals.due(end - begin)
            self._totals.extend(end - begin, islice(totals, due.start, due.stop, due.step))
            if changed:
                changes.append(self._change(end - 1, before.extended(column[begin:end])))
                self._start()
            begin = end
        return changes

    def reading(self) -> Reading:
        """Say where the detector stands: the likeliest change point so far against what it would have to exceed."""
        window = self._window()
        if len(self._totals.rows) < 2:
            return Reading(math.nan, math.nan, window.total / window.count if window.count else math.nan, window.count)
        old, before, after = self._likeliest_cut(window)
        return Reading(abs(after - before), self._eps_cut(old, window), window.total / window.count, window.count)

    def _window(self) -> _Window:
        return _Window(int(self._river.get_width()), self._river.get_total(), self._river.get_variance())

    def _change(self, index: int, window: _Window) -> Change:
        old, before, after = self._likeliest_cut(window)
        return Change(
            index=index,
            statistic=abs(after - before),
            threshold=self._eps_cut(old, window),
            direction="up" if after > before else "down",
            before=before,
            after=after,
            width=window.count - old,
        )

    def _likeliest_cut(self, window: _Window) -> tuple[int, float, float]:
        """Return the number of values before the likeliest change of the mean, and the means before and after it."""
        best, cut = -1.0, (0, math.nan, math.nan)
        for old, old_total in self._totals.rows[1:]:
            new = window.count - old
            before, after = old_total / old, (window.total - old_total) / new
            likelihood = old * new * (after - before) * (after - before)  # `**` raises where this becomes infinite
            if likelihood > best:
                best, cut = likelihood, (old, before, after)
        return cut

    def _eps_cut(self, old: int, window: _Window) -> float:
        """Return how far apart the means of the first `old` and the other values must be, as River computes it."""
        new = window.count - old
        confidence = math.log(2 * math.log(window.count) / self._delta)
        scarcity = 1 / max(1, old - _MIN_SUBWINDOW + 1) + 1 / max(1, new - _MIN_SUBWINDOW + 1)
        variance = window.deviation / window.count
        return math.sqrt(2 * scarcity * variance * confidence) + 2 / 3 * confidence * scarcity

    def snapshot(self) -> dict[str, JSON]:
        """Return the whole state as plain JSON; the compiled window travels in base64 with a checksum."""
        window: bytes = self._river.__getstate__()
        return {
            "detector": self.name,
            "format": _FORMAT,
            "delta": self._delta,
            "window": base64.b64encode(window).decode(),
            "crc32": zlib.crc32(window),
            "totals": self._totals.snapshot(),
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the detector that `snapshot` described; raise SnapshotError if `state` is not one of its own."""
        with refusing_damage(cls.name):
            require(cls.name, "detector", state["detector"], cls.name)
            require(cls.name, "format", state["format"], _FORMAT)
            detector = cls(float(state["delta"]))
            window = base64.b64decode(state["window"], validate=True)
            require(cls.name, "crc32", zlib.crc32(window), state["crc32"])
            detector._river.__setstate__(window)
            detector._totals = Milestones.restore(state["totals"], float)
            require(cls.name, "count", detector._totals.count, detector._window().count)
        return detector
