"""Successive values made independent: autocorrelation and slow wandering are taken away."""

from typing import Any, Self

import numba
import numpy as np

from driftline_detectors.columns import Floats
from driftline_detectors.snapshots import Plain

_PIECES = 10
_BETWEEN_PIECES = 20.0
"""Chi-square figure of nine degrees of freedom, at 98 %."""

_WAVES = 3
"""Of half a period, a whole one, and one and a half in all values."""

_IN_WAVES = 9.5
"""The same of three degrees of freedom, at 98 %."""


class Whitening:
    """Takes `correlation` times the value before, and a slowly followed level, from each value.

    `memory` says after how many values the level has followed a change by 63 %; 0 is a level that stays at 0.

    >>> Whitening(0.5, 0.0).extend(np.array([1.0, 1.0, 2.0])).tolist()
    [1.0, 0.5, 1.5]
    """

    def __init__(self, correlation: float, memory: float) -> None:
        self._correlation = correlation
        self._memory = memory
        self._last = 0.0
        self._level = 0.0

    def extend(self, values: Floats) -> Floats:
        """Take the next values; return what of them is news."""
        news = np.empty(len(values))
        self._last, self._level = _extend(values, self._correlation, self._memory, self._last, self._level, news)
        return news

    def snapshot(self) -> list[Plain]:
        """Return the whole state as plain data."""
        return [self._correlation, self._memory, self._last, self._level]

    @classmethod
    def restore(cls, state: list[Any]) -> Self:
        """Return the whitening that `snapshot` described; raise TypeError or ValueError if it is damaged."""
        correlation, memory, last, level = map(float, state)
        whitening = cls(correlation, memory)
        whitening._last, whitening._level = last, level
        return whitening


@numba.njit(cache=True)
def _extend(
    values: Floats, correlation: float, memory: float, last: float, level: float, news: Floats
) -> tuple[float, float]:
    for row in range(len(values)):
        news[row] = values[row] - correlation * last - level
        if memory > 0.0:
            level += news[row] / memory
        last = values[row]
    return last, level


def autocorrelation(values: Floats) -> float:
    """The correlation of successive values, at most 0.99 in size; 0 where it may be chance (4 standard errors)."""
    power = float((values * values).sum())
    found = float((values[1:] * values[:-1]).sum()) / power if power else 0.0
    return float(np.clip(found, -0.99, 0.99)) if abs(found) > 4 / np.sqrt(len(values)) else 0.0


def wanders(values: Floats) -> bool:
    """Whether their level changes: in ten pieces, or in three slow waves; of independent values it does in 3 of 100.

    The waves see what is slow (a season, a trend), in which the pieces would see mostly chance.
    """
    variance = float(values.var())
    if not variance:
        return False
    centred = values - values.mean()
    means = np.array([piece.mean() for piece in np.array_split(centred, _PIECES)])
    phases = np.outer(np.arange(1, _WAVES + 1), np.pi * (np.arange(len(values)) + 0.5) / len(values))
    waves = np.cos(phases) @ centred
    between = float((means * means).sum()) * len(values) / _PIECES
    slow = float((waves * waves).sum()) * 2 / len(values)
    return between > _BETWEEN_PIECES * variance or slow > _IN_WAVES * variance
