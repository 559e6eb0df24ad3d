"""Likelihood ratios of the alternatives that an e-detector bets on, as tables."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.special import ndtr, ndtri

from driftline_detectors.columns import Floats

SHIFTS = (-0.9, -0.45, -0.15, 0.15, 0.45, 0.9)
"""Alternatives for the mean, in standard deviations of the reference."""

SPREADS = (1.4, 0.7)
"""Alternatives for the standard deviation, as factors."""

VALUE_ALTERNATIVES = len(SHIFTS) + len(SPREADS)

LARGEST_RATIO = 100.0
"""Ratios lie between its inverse and itself, so that no single value decides."""

TOLERANCE = 3.0
"""By how many standard errors the reference may be wrong without anybody being told."""


_NEARLY_ALWAYS = 0.999
"""A higher rate than this cannot be told from one that is higher still."""


@lru_cache(maxsize=256)
def value_ratios(below: bytes, size: int) -> Floats:
    """Ratios of values by their rank in a reference, (bins, VALUE_ALTERNATIVES), ways to change of a normal score.

    Each is the mean over its bin, so that ties and coarse bins bias nothing.

    Args:
        below: For each bin the number of reference values below it, as packed integers; then `size`.
        size: Values in the reference.
    """
    edges = ndtri(np.frombuffer(below, "<i8") / size)
    mass = np.diff(np.frombuffer(below, "<i8")) / size
    slack = TOLERANCE / np.sqrt(size)
    columns = [np.exp(-abs(shift) * slack) * np.diff(ndtr(edges - shift)) / mass for shift in SHIFTS]
    for spread in SPREADS:
        null = 1 + slack / np.sqrt(2) * (1 if spread > 1 else -1)
        curvature = 1 - (1 / null**2 - 1 / spread**2)
        columns.append(null / spread / np.sqrt(curvature) * np.diff(ndtr(edges * np.sqrt(curvature))) / mass)
    ratios: Floats = np.clip(np.stack(columns, axis=1), 1 / LARGEST_RATIO, LARGEST_RATIO)
    ratios.setflags(write=False)
    return ratios


def rate_ratios(odds: Sequence[float], found: float, size: float, leeway: float = 1.0) -> Floats:
    """Ratios of an event that happened in `found` of `size` rows, against higher rates: (0 no, 1 yes; odds).

    `odds` are the alternatives, as factors of the event's odds, which may become `leeway` times as high without anybody
    being told. What happens nearly always anyway tells nothing.
    """
    rate = (found + 0.5) / (size + 1)
    rate += TOLERANCE * np.sqrt(rate * (1 - rate) / size)
    rate = leeway * rate / (1 - rate + leeway * rate)
    if rate > _NEARLY_ALWAYS:
        return np.ones((2, len(odds)))
    higher = np.array(odds) * rate / (1 - rate)
    ratios: Floats = np.stack((1 / (1 + higher) / (1 - rate), higher / (1 + higher) / rate))
    return np.clip(ratios, 1 / LARGEST_RATIO, LARGEST_RATIO)
