"""What a proof may get wrong, and how long it may take."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class ProofSettings:
    """What a proof may get wrong, and how long it may take.

    Attributes:
        alpha: Largest probability of a wrong "better", above 0 and below 1.
        max_rows: Rows after which an undecided proof is "timed-out", 1 or more.
        futility: Largest probability of a wrong "futile": that a model is given up which is better by `minimum_gain` or
            more, 0 up to below 1; with 0 nothing is given up before `max_rows`.
        minimum_gain: Mean difference of losses below which a model is not worth a proof, above 0 and below 1.
        later_stakes: Share of the capital that does not bet from the first row on but comes in evenly over `max_rows`,
            0 up to below 1. It finds what begins to be true in the middle, at the price of some rows at the beginning.
    """

    alpha: float = 0.01
    max_rows: int = 5000
    futility: float = 0.05
    minimum_gain: float = 0.02
    later_stakes: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no proof can be made with."""
        for name, valid, range_ in (
            ("alpha", 0 < self.alpha < 1, "above 0 and below 1"),
            ("max_rows", self.max_rows >= 1, "1 or more"),
            ("futility", 0 <= self.futility < 1, "0 up to below 1"),
            ("minimum_gain", 0 < self.minimum_gain < 1, "above 0 and below 1"),
            ("later_stakes", 0 <= self.later_stakes < 1, "0 up to below 1"),
        ):
            if not valid:
                raise ValueError(f"{name}: {getattr(self, name)!r} is not valid; expected {range_}")


def probation_settings(alpha: float, rows: int) -> ProofSettings:
    """Settings of the proof that a promoted version is worse than its predecessor, which may become true at any row.

    Half of the capital comes in later: what is sabotaged 1,000 rows after its promotion is found within 105 rows
    instead of 472 (medians), at the price of 11 rows where it is bad from the first one on.
    """
    return ProofSettings(alpha=alpha, max_rows=rows, futility=0.0, later_stakes=0.5)


def share_of_alpha(alpha: float, trial: int) -> float:
    """The bound of one of a retrain's proofs: however many there are, together they keep `alpha`.

    They fall with the square of their number, and the first gets six tenths.

    Args:
        alpha: Bound for the whole retrain.
        trial: Which proof, counted from 1.

    >>> [round(share_of_alpha(0.01, trial), 5) for trial in (1, 2, 3, 10)]
    [0.00608, 0.00152, 0.00068, 6e-05]
    """
    if trial < 1:
        raise ValueError(f"trial: {trial} is not valid; expected 1 or more")
    return 6 * alpha / (math.pi * trial) ** 2
