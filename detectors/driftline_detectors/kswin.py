"""KSWIN on columns: River's detector with a seed, and its generator in the snapshot."""

import math
import random
from collections import deque
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from river import drift

from driftline_detectors.interface import Change, Past, Reading
from driftline_detectors.river_detectors import first_alarm, number
from driftline_detectors.snapshots import Plain, packed, refusing_damage, require

_FORMAT = 1

_WORDS = 624
"""Words of the state of Python's random generator, a Mersenne Twister; one more says how many are used up."""


class Kswin:
    """Kolmogorov-Smirnov WINdowing (Raab et al., 2020): are the latest values distributed like those before?

    The changes are those of `river.drift.KSWIN`. At each value it compares the last `stat_size` values with as many
    drawn at random from the rest of the last `window_size`, by a two-sample Kolmogorov-Smirnov test. Any finite numbers
    will do; only their order counts.

    `alpha` (above 0 and below 1) is the chance of a false alarm that each test is allowed; smaller is more patient.
    `stat_size` is 1 or more and at most half of `window_size`. `seed` (from 0 to 2^63 - 1) is that of the draws; after
    a change they begin anew with it.

    `statistic` is the p-value of the last test, NaN before `window_size` values; `threshold` is `alpha`, which it must
    not exceed (while the two empirical distributions differ by more than 0.1). A Change is dated at the begin of the
    last `stat_size` values; `after` is their mean, `before` that of the rest of the window, and `direction` compares
    the two, though a change of shape may have moved the mean by chance only.

    Beware: it makes a test per value, on overlapping values: streams of normal numbers that do not change raise a false
    alarm every 760 values. It sees nothing in values most of which are equal, like errors of 10 %, remembers no more
    than the window, and a test takes some 0.2 milliseconds.

    >>> Kswin().update([0.0, 1.0] * 500 + [4.0, 5.0] * 500)
    1013

    Source: C. Raab, M. Heusinger, F.-M. Schleif, "Reactive soft prototype computing for concept drift streams",
    Neurocomputing 416, 2020, pp. 340-351.
    """

    name: ClassVar[str] = "kswin"

    def __init__(self, alpha: float = 0.005, window_size: int = 100, stat_size: int = 30, seed: int = 0) -> None:
        if not 0 < alpha < 1:
            raise ValueError(f"alpha is {alpha!r}; it must lie between 0 and 1, both excluded; 0.005 is usual")
        if not 1 <= stat_size <= window_size / 2:
            raise ValueError(
                f"stat_size is {stat_size!r} and window_size {window_size!r}; "
                "the first must be 1 or more and at most half of the second; 30 and 100 are usual"
            )
        if not 0 <= seed < 2**63:
            raise ValueError(f"seed is {seed!r}; it must be 0 or more and below 2^63; 0 is usual")
        self._parameters = (alpha, window_size, stat_size, seed)
        self._start()

    def _start(self) -> None:
        self._river: Any = drift.KSWIN(*self._parameters)
        self._window: deque[float] = deque(maxlen=self._river.window_size)

    def update(self, values: list[float]) -> int | None:
        """Take the next values up to the first at which a change is seen; return its index, None if there is none."""
        index = first_alarm(self._river, values)
        self._window.extend(values if index is None else values[: index + 1])
        return index

    def change(self, past: Past) -> Change:
        """Describe the change that `update` has just seen at the last value of `past`, and start afresh."""
        now, width, window = self.reading(past), self._river.stat_size, list(self._window)
        before, after = _mean(window[:-width]), _mean(window[-width:])
        self._start()
        return Change(now.statistic, now.threshold, "up" if after > before else "down", before, after, width)

    def reading(self, past: Past) -> Reading:  # noqa: ARG002
        """Say where the detector stands; `estimate` is the mean of the window."""
        river, width = self._river, len(self._window)
        p_value = float(river.p_value) if width == river.window_size else math.nan
        return Reading(p_value, river.alpha, _mean(self._window) if width else math.nan, width)

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data, with that of the generator."""
        _, words, _ = self._river._rng.getstate()
        return {
            "detector": self.name,
            "format": _FORMAT,
            "parameters": list(self._parameters),
            "p_value": float(self._river.p_value),
            "window": packed(np.array(self._window)),
            "generator": np.array(words, "<u4").tobytes(),
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the detector that `snapshot` described; raise SnapshotError if `state` is not one of its own."""
        with refusing_damage(cls.name):
            require(cls.name, "detector", state["detector"], cls.name)
            require(cls.name, "format", state["format"], _FORMAT)
            detector = cls(*state["parameters"])
            river, window = detector._river, np.frombuffer(state["window"], "<f8")
            if len(window) > river.window_size or not np.isfinite(window).all():
                raise ValueError(f"a window of {len(window)} values, {np.isfinite(window).sum()} of them finite")
            detector._window.extend(window.tolist())
            river.window.extend(window.tolist())
            river.p_value = number(state, "p_value", 0, 1)
            words = np.frombuffer(state["generator"], "<u4").tolist()
            if len(words) != _WORDS + 1 or not any(words[1:_WORDS]):  # from zeros it would draw zeros for ever
                raise ValueError(f"a generator of {len(words)} words")
            river._rng.setstate((random.Random.VERSION, tuple(words), None))
        return detector


def _mean(values: deque[float] | list[float]) -> float:
    """Return the mean; it is finite, whatever the size of the values."""
    return sum(value / len(values) for value in values)
