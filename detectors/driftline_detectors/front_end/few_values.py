"""A feature of few distinct values whose level is followed: how likely each value is where the level is now."""

import math
from typing import Any, Self

import numba
import numpy as np
from scipy.special import ndtri

from driftline_detectors.columns import Floats, Integers
from driftline_detectors.e_detector.likelihoods import LARGEST_RATIO, SHIFTS, SPREADS, TOLERANCE, VALUE_ALTERNATIVES
from driftline_detectors.snapshots import Plain

MAX_BINS = 16
"""Of more values a score that is drawn from a value's bin tells enough."""

_NEAR = 0.02
"""The ratios hold as long as the level has moved by less."""

_LEAST_MASS = 1e-9
_LEAST_INFORMATION = 0.05
"""Of a score's: where nearly all values are the same, the other ones must not move the level by much."""

_SHIFTS: Floats = np.array(SHIFTS)
_SPREADS: Floats = np.array(SPREADS)


class FewValues:
    """The likelihood ratios of `likelihoods.value_ratios`, where normal scores are not around 0 but around a level.

    A score that is drawn from its value's bin would hide most of what a flag tells: it says which of two values came,
    and a score is anything between. So each bin has the probability of its scores, and the level moves by what a value
    tells of it: the mean score of its bin around the level, over the information that such a mean has.

    Args:
        shares: Share of the reference below each bin, and 1.
        size: Values in the reference.
        memory: After how many values the level has followed a change by 63 %; 0 is a level that stays.
        level: Where it is.
        tabled_at: The level and season of which the ratios are.
    """

    def __init__(self, shares: Floats, size: int, memory: float, level: float = 0.0, tabled_at: float = 0.0) -> None:
        self._edges: Floats = ndtri(shares)
        self._slack = TOLERANCE / math.sqrt(size)
        self._memory = memory
        self._level = level
        self._tabled_at = tabled_at
        self._ratios: Floats = np.empty((len(shares) - 1, VALUE_ALTERNATIVES))
        self._steps: Floats = np.empty(len(shares) - 1)
        self._told = _tabulate_steps(self._edges, 0.0, self._steps)
        """Share of the scores' variance that lies between bins: a season was seen smaller by this factor."""
        _tabulate(self._edges, tabled_at, self._slack, _SHIFTS, _SPREADS, self._ratios)
        _tabulate_steps(self._edges, tabled_at, self._steps)

    @classmethod
    def learn(cls, shares: Floats, memory: float, bins: Integers, season: Floats) -> Self:
        """Follow the level through a reference window, by each value's bin and the mean score at its time."""
        few = cls(shares, len(bins), memory)
        few.fill(np.empty((len(bins), VALUE_ALTERNATIVES)), np.arange(len(bins)), bins, season)
        return few

    def fill(self, into: Floats, rows: Integers, bins: Integers, season: Floats) -> None:
        """Write the likelihood ratios of the next values into these rows of (rows, VALUE_ALTERNATIVES).

        Args:
            into: Where to write.
            rows: The row of each value.
            bins: Its bin.
            season: The mean score at its time.
        """
        self._level, self._tabled_at = _fill(
            into, rows, bins, season / self._told, self._edges, self._slack, _SHIFTS, _SPREADS,
            self._ratios, self._steps, self._memory, self._level, self._tabled_at,
        )  # fmt: skip

    def snapshot(self) -> list[Plain]:
        """Return what the reference does not tell."""
        return [self._memory, self._level, self._tabled_at]

    @classmethod
    def restore(cls, state: list[Any], shares: Floats, size: int) -> Self:
        """Return what `snapshot` described; raise TypeError or ValueError if it is damaged."""
        memory, level, tabled_at = map(float, state)
        return cls(shares, size, memory, level, tabled_at)


@numba.njit(cache=True)
def _fill(
    into: Floats,
    rows: Integers,
    bins: Integers,
    season: Floats,
    edges: Floats,
    slack: float,
    shifts: Floats,
    spreads: Floats,
    ratios: Floats,
    steps: Floats,
    memory: float,
    level: float,
    tabled_at: float,
) -> tuple[float, float]:
    for number in range(len(rows)):
        at = level + season[number]
        if abs(at - tabled_at) > _NEAR:
            tabled_at = at
            _tabulate(edges, at, slack, shifts, spreads, ratios)
            _tabulate_steps(edges, at, steps)
        into[rows[number]] = ratios[bins[number]]
        if memory > 0.0:
            level += steps[bins[number]] / memory
    return level, tabled_at


@numba.njit(cache=True)
def _tabulate_steps(edges: Floats, at: float, into: Floats) -> float:
    """What each bin tells of the level, which is thought to be `at`: where it is not, the mean says by how much.

    Return the information of a value, as a share of a score's.
    """
    information = 0.0
    for number in range(len(into)):
        low, high = edges[number] - at, edges[number + 1] - at
        mass = max(_between(low, high), _LEAST_MASS)
        into[number] = (math.exp(-low * low / 2) - math.exp(-high * high / 2)) / math.sqrt(2 * math.pi) / mass
        information += mass * into[number] * into[number]
    information = max(information, _LEAST_INFORMATION)
    into /= information
    return information


@numba.njit(cache=True)
def _tabulate(edges: Floats, at: float, slack: float, shifts: Floats, spreads: Floats, into: Floats) -> None:
    """The ratios of each bin where scores are normal around `at`, (bins, VALUE_ALTERNATIVES)."""
    for number in range(len(into)):
        low, high = edges[number] - at, edges[number + 1] - at
        mass = max(_between(low, high), _LEAST_MASS)
        for each, shift in enumerate(shifts):
            ratio = math.exp(-abs(shift) * slack) * _between(low - shift, high - shift) / mass
            into[number, each] = min(max(ratio, 1 / LARGEST_RATIO), LARGEST_RATIO)
        for each, spread in enumerate(spreads):
            null = 1 + slack / math.sqrt(2) * (1 if spread > 1 else -1)
            narrow = math.sqrt(1 - (1 / null**2 - 1 / spread**2))
            ratio = null / spread / narrow * _between(low * narrow, high * narrow) / mass
            into[number, len(shifts) + each] = min(max(ratio, 1 / LARGEST_RATIO), LARGEST_RATIO)


@numba.njit(cache=True)
def _between(low: float, high: float) -> float:
    """How likely a standard normal value is between these."""
    return 0.5 * (math.erfc(-high / math.sqrt(2)) - math.erfc(-low / math.sqrt(2)))
