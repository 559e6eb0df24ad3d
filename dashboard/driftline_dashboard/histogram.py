"""Numbers in the bins of a feature's profile; see the table `feature_profile_numbers`."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

OUTSIDE = 0.005
"""Share of the values that lies below the first bar, and above the last one; it is counted in these."""

BITS_BEHIND = 45
"""Of a double, those that its bin does not know."""

BIN_WIDTH = 1 / 128
"""What a bin is at most wide, as a share of its values."""


class Histograms(NamedTuple):
    """Two histograms over the same bars.

    Attributes:
        lower_ends: Where each bar begins.
        reference: Values in it.
        current: Values in it.
    """

    lower_ends: NDArray[np.float64]
    reference: NDArray[np.int64]
    current: NDArray[np.int64]


def from_bins(reference: Mapping[int, int], current: Mapping[int, int]) -> Histograms:
    """Both over all bins in which one of them has values.

    >>> from_bins({131_072: 3}, {-131_072: 1}).lower_ends.tolist()
    [-2.0, 2.0]
    """
    bins = np.array(sorted({*reference, *current}), np.int64)
    sizes = (np.abs(bins).astype(np.uint64) << np.uint64(BITS_BEHIND)).view(np.float64)
    counts = (np.array([side.get(bin_, 0) for bin_ in bins.tolist()], np.int64) for side in (reference, current))
    return Histograms(np.copysign(sizes, bins), *counts)


def tenths(of: Histograms) -> tuple[list[int], list[int]]:
    """Counts of both in the bins between the tenths of the reference, which has values; as the view `feature_drift`."""
    total = int(of.reference.sum())
    own = np.searchsorted(np.arange(1, 10) * (total - 1) // 10, np.cumsum(of.reference) - of.reference)
    return _summed(own, of.reference, 10).tolist(), _summed(own, of.current, 10).tolist()


def bars(of: Histograms, most: int) -> Histograms:
    """At most so many bars of one width, none narrower than a bin may be there.

    How far they reach is said by the values of both, each side counting half.
    """
    shares = of.reference / max(of.reference.sum(), 1) + of.current / max(of.current.sum(), 1)
    reached = np.cumsum(shares)
    low, high = of.lower_ends[np.searchsorted(reached, np.array([OUTSIDE, 1 - OUTSIDE]) * reached[-1], side="right")]
    widest = BIN_WIDTH * max(abs(low), abs(high))
    count = min(most, max(1, int((high - low) / widest))) if high > low else 1
    width = (high - low) / count
    places = np.clip((of.lower_ends - low) // width if width else 0 * of.lower_ends, 0, count - 1).astype(np.int64)
    return Histograms(
        low + width * np.arange(count), _summed(places, of.reference, count), _summed(places, of.current, count)
    )


def _summed(places: NDArray[np.int64], counts: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    return np.bincount(places, weights=counts, minlength=count).astype(np.int64)
