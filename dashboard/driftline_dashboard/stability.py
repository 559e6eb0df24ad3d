"""How far two distributions are from each other."""

import math
from collections.abc import Sequence

STABLE = 0.1
"""A smaller index means that nothing much has changed."""

NOISE_DEVIATIONS = 2.326
"""Of a normal distribution, 99 % lie below its mean plus so many standard deviations."""


def stability_index(reference: Sequence[float], current: Sequence[float]) -> float:
    """The population stability index of two histograms over the same bins; 0 when they are the same.

    By custom below 0.1 is stable and above 0.25 has changed (Siddiqi, Credit Risk Scorecards, 2006), as long as it is
    above `stability_noise`. A half is added to every bin, so that an empty one counts for something finite.

    Args:
        reference: Counts by bin.
        current: Counts by bin, of the same length.

    >>> round(stability_index([50, 50], [50, 50]), 3), round(stability_index([50, 50], [90, 10]), 3)
    (0.0, 0.853)
    """
    bins = len(reference)
    total, now = sum(reference) + bins / 2, sum(current) + bins / 2
    pairs = [((a + 0.5) / total, (b + 0.5) / now) for a, b in zip(reference, current, strict=True)]
    return sum((share - expected) * math.log(share / expected) for expected, share in pairs)


def stability_noise(bins: int, reference: float, current: float) -> float:
    """What the index stays below 99 times in 100 when nothing has changed, by the numbers of values alone.

    It is then distributed like chi-square with one degree of freedom less than bins, times 1/n + 1/m (Yurdakul and
    Naranjo, Journal of Risk Model Validation, 2020); of that the quantile by Wilson and Hilferty.

    >>> round(stability_noise(10, 5_000, 5_000), 4), round(stability_noise(10, 5_000, 50), 2)
    (0.0087, 0.44)
    """
    freedom = max(bins - 1, 1)
    spread = 2 / (9 * freedom)
    quantile = freedom * (1 - spread + NOISE_DEVIATIONS * math.sqrt(spread)) ** 3
    return quantile * (1 / max(reference, 1) + 1 / max(current, 1))
