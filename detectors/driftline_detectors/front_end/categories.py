"""A category's reference: its shares, against shares that are estimated while one watches."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import numba
import numpy as np
from scipy.special import chdtri

from driftline_detectors.columns import Floats, Integers, Singles
from driftline_detectors.e_detector.likelihoods import LARGEST_RATIO, VALUE_ALTERNATIVES
from driftline_detectors.front_end.unseen import Unseen
from driftline_detectors.snapshots import Plain, packed, unpacked

MAX_CATEGORIES = 64
"""The most frequent ones are told apart; the others, and those never seen before, are one."""

MIN_COUNT = 20
"""A rarer category of the reference window is one of the others, too: its share is hardly known."""

MEMORIES: Floats = 40 * np.power(1.5, np.arange(VALUE_ALTERNATIVES))
"""Over how many values the watched shares are estimated: 40 to 683."""

_LATELY = VALUE_ALTERNATIVES // 2
"""The memory whose estimates are told."""

_LUCK = 1e-3
"""One reference in so many is so far off that bets on the difference are won."""

_BLOCK = 32
"""The estimates are renewed after so many values."""

_PRIOR = 20.0
"""So many values the reference counts in the estimates."""


class Shift(NamedTuple):
    """The category whose share has changed most, in standard errors; its share in the reference and lately.

    `code` is None where it is all the others together.
    """

    code: int | None
    before: float
    after: float


class Categories:
    """Shares of a reference window, and decaying counts of what came after it.

    Each memory estimates the shares from the values before the current block, and bets that they are right: its ratio
    is its estimate over the reference. An estimate made before the value is fair whatever it says.
    """

    def __init__(self, codes: Integers, counts: Integers, unseen: Unseen | None) -> None:
        self._unseen = unseen
        """What came that the reference never had; None where it is not known what it had."""
        self._codes = codes
        """The codes told apart, in ascending order; then come the others."""
        self._counts = counts
        self._shares: Floats = (counts + 0.5) / (counts + 0.5).sum()
        self._slack = _slack(counts)
        self._recent: Floats = np.zeros((len(counts), VALUE_ALTERNATIVES))
        self._block: Integers = np.zeros(len(counts), np.int64)
        self._ratios: Floats = np.empty(self._recent.shape)
        _estimate(self._shares, self._slack, self._recent, self._ratios)

    @classmethod
    def learn(cls, values: Singles) -> Self:
        """Return the shares of the codes of a reference window."""
        codes, counts = np.unique(values.astype(np.int64), return_counts=True)
        frequent = np.argsort(-counts, kind="stable")[:MAX_CATEGORIES]
        kept = np.sort(frequent[counts[frequent] >= MIN_COUNT])
        rest = int(counts.sum() - counts[kept].sum())
        return cls(codes[kept], np.concatenate((counts[kept], [rest])), Unseen.learn(codes))

    def fill(self, into: Floats, rows: Integers, values: Singles, timestamp_ms: Integers) -> None:  # noqa: ARG002
        """Take the next codes, and write their likelihood ratios into these rows of (rows, alternatives)."""
        self._recent, self._block, self._ratios = self._recent.copy(), self._block.copy(), self._ratios.copy()
        codes = values.astype(np.int64)
        which = self._which(codes)
        if self._unseen is not None:
            self._unseen = self._unseen.extended(codes, which == len(self._codes))
        _fill(into, rows, which, self._shares, self._slack, self._recent, self._block, self._ratios, MEMORIES)

    def _which(self, codes: Integers) -> Integers:
        """The category of each code, by its number."""
        others = len(self._codes)
        if not others:
            return np.zeros(len(codes), np.int64)
        found = np.searchsorted(self._codes, codes)
        known = self._codes[np.minimum(found, others - 1)] == codes
        which: Integers = np.where(known, found, others)
        return which

    def _lately(self) -> Floats:
        recent = self._recent[:, _LATELY]
        shares: Floats = (_PRIOR * self._shares + recent) / (_PRIOR + recent.sum())
        return shares

    def shift(self) -> Shift:
        """Which category's share has changed most."""
        lately = self._lately()
        most = int((np.abs(lately - self._shares) / np.sqrt(self._shares * (1 - self._shares) + 1e-9)).argmax())
        code = int(self._codes[most]) if most < len(self._codes) else None
        return Shift(code, float(self._shares[most]), float(lately[most]))

    def newcomer(self) -> Shift | None:
        """The category that the reference never had, if one brought most of what the others have risen by."""
        values = round(MEMORIES[_LATELY])
        found = None if self._unseen is None else self._unseen.most(values)
        rise = float(self._lately()[-1] - self._shares[-1]) * values
        return Shift(found.code, 0.0, found.share) if found is not None and 2 * found.times >= rise > 0 else None

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {
            "codes": packed(self._codes),
            "counts": packed(self._counts),
            "recent": packed(self._recent),
            "block": packed(self._block),
            "unseen": None if self._unseen is None else self._unseen.snapshot(),
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the categories that `snapshot` described; raise LookupError, TypeError or ValueError if damaged."""
        codes = unpacked(state["codes"], int, -1)
        counts = unpacked(state["counts"], int, len(codes) + 1)
        unseen = state.get("unseen")  # older snapshots do not know
        categories = cls(codes, counts, None if unseen is None else Unseen.restore(unseen))
        categories._recent = unpacked(state["recent"], float, len(counts), VALUE_ALTERNATIVES)
        categories._block = unpacked(state["block"], int, len(counts))
        _estimate(categories._shares, categories._slack, categories._recent, categories._ratios)
        if (np.diff(codes) <= 0).any() or counts.min() < 0 or not 0 <= categories._block.sum() < _BLOCK:
            raise ValueError("shares of categories that are none")
        return categories


@numba.njit(cache=True)
def _fill(
    into: Floats,
    rows: Integers,
    which: Integers,
    shares: Floats,
    slack: float,
    recent: Floats,
    block: Integers,
    ratios: Floats,
    memories: Floats,
) -> None:
    """Write the ratios of the next values, and renew the estimates after every block of them."""
    counted = block.sum()
    for number in range(len(which)):
        category, row = which[number], rows[number]
        for each in range(len(memories)):
            into[row, each] = ratios[category, each]
        block[category] += 1
        counted += 1
        if counted == _BLOCK:
            for each in range(len(memories)):
                recent[:, each] = recent[:, each] * (1 - 1 / memories[each]) ** _BLOCK + block
            block[:] = 0
            counted = 0
            _estimate(shares, slack, recent, ratios)


@numba.njit(cache=True)
def _estimate(shares: Floats, slack: float, recent: Floats, into: Floats) -> None:
    """Ratios of the estimated shares over those of the reference, (categories, memories)."""
    for each in range(recent.shape[1]):
        weight = _PRIOR + recent[:, each].sum()
        for category in range(len(shares)):
            lately = (_PRIOR * shares[category] + recent[category, each]) / weight
            ratio = lately / shares[category] * slack
            into[category, each] = min(max(ratio, 1 / LARGEST_RATIO), LARGEST_RATIO)


def _slack(counts: Integers) -> float:
    """A factor that takes from each bet what the reference's own error may bring it: the mean of its ratio, at most.

    Where the shares are p and the reference says r, the mean of p / r is 1 + sum((p - r)^2 / r): 1 + chi-square / n.
    """
    degrees = max(1, len(counts) - 2)
    return float(np.exp(-chdtri(degrees, _LUCK) / counts.sum()))
