"""Normal scores of ranks, with ties broken by chance."""

import numba
import numpy as np
from scipy.special import ndtri

from driftline_detectors.columns import Floats, Integers

_CELLS = 4096
_NORMAL: Floats = ndtri((np.arange(_CELLS) + 0.5) / _CELLS)

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def scores(bins: Integers, shares: Floats, begin: int) -> Floats:
    """A normal score for each value, drawn from its bin.

    Equal values get different scores, so that what is left when a level was taken from them has no steps. The draw is a
    function of the value's number, so that every reading of the log draws the same.

    Args:
        bins: The bin of each value.
        shares: Share of the reference below each bin, and 1.
        begin: Number of the first value.

    Source of the generator: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", 2014.
    """
    found = np.empty(len(bins))
    _draw(bins, shares, np.uint64(begin), _NORMAL, found)
    return found


@numba.njit(cache=True)
def _draw(bins: Integers, shares: Floats, begin: np.uint64, normal: Floats, into: Floats) -> None:
    for row in range(len(bins)):
        mixed = (begin + np.uint64(row) + np.uint64(1)) * _GAMMA
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX_1
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_2
        chance = float((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53
        below, above = shares[bins[row]], shares[bins[row] + 1]
        into[row] = normal[min(len(normal) - 1, int((below + chance * (above - below)) * len(normal)))]
