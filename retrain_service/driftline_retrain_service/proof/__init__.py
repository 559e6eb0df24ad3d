"""Whether one model is better than another, decided on paired losses as they come, at any time and only once.

The evidence is the capital of a gambler who starts with 1 and bets on every row that the second model loses less. If it
does not, no way of betting makes capital grow in expectation, and it ever reaches 1/alpha with probability alpha at
most (Ville's inequality), however often one looks. No distribution or sample size is assumed; what must hold is that
the second model was fixed before the rows were known, and that at no time it can be expected to be better.

A world with moods breaks the latter: for half a day a model may do better that does worse on the whole. So capital
counts by the root that the autocorrelation of the rows says, and after a least number of rows (see `PairedProof`). Both
only ever make a proof harder.

Sources: Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86 (2024); Shafer,
"Testing by betting", JRSS A 184 (2021); Ville, "Étude critique de la notion de collectif" (1939).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from driftline_registry import Label
from driftline_retrain_service.proof.autocorrelation import Autocorrelation

Floats = NDArray[np.float64]
Decision = Literal["better", "futile", "timed-out"]

_BETS = (0.05, 0.1, 0.2, 0.3, 0.45, 0.8)
"""Shares of the capital that are staked on a row. The capital begins in equal parts, one for each bet, so that nobody
has to know the gain beforehand: small bets find small gains, large ones find large gains within some dozen rows."""

LEAST_ROWS = 50
"""Rows before which nothing is decided: how much successive outcomes resemble each other cannot be told of fewer."""

_ERROR_QUANTILE = 0.95


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

    Half of the capital comes in later: what is sabotaged 1,000 rows after its promotion is found within 98 rows instead
    of 433 (medians), at the price of 9 rows where it is bad from the first one on.
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


def error_bound(champion: Sequence[Label], labels: Sequence[Label]) -> float:
    """The error that counts as a whole one in a proof on numbers: 95 % of the champion's have been smaller.

    To be learned on rows before the proof and kept for all of it. 1 where no error was above zero.
    """
    errors = np.abs(np.asarray(champion, np.float64) - np.asarray(labels, np.float64))
    bound = float(np.quantile(errors, _ERROR_QUANTILE)) if len(errors) else 0.0
    return bound or float(errors.max(initial=0.0)) or 1.0


def paired_losses(
    champion: Sequence[Label], challenger: Sequence[Label], labels: Sequence[Label], bound: float | None = None
) -> tuple[Floats, Floats]:
    """The losses of both models on the same rows, each 0 to 1.

    Args:
        champion: What it predicted.
        challenger: What it predicted for the same rows.
        labels: What came true.
        bound: None for classes, whose loss is 1 where they are wrong. For numbers the loss is the absolute error
            divided by this (see `error_bound`), and never more than 1.

    >>> paired_losses(["a", "b"], ["a", "a"], ["a", "a"])
    (array([0., 1.]), array([0., 0.]))
    >>> paired_losses([1.0, 9.0], [2.0, 3.0], [1.0, 3.0], bound=4.0)
    (array([0., 1.]), array([0.25, 0.  ]))
    """

    def losses(predictions: Sequence[Label]) -> Floats:
        pairs = zip(predictions, labels, strict=True)
        if bound is None:
            return np.array([float(prediction != label) for prediction, label in pairs])
        return np.array([min(abs(float(prediction) - float(label)) / bound, 1.0) for prediction, label in pairs])

    return losses(champion), losses(challenger)


class PairedProof:
    """Takes d = loss of the one model less that of the other, row by row in the log's order, until it is decided.

    "better": the other model is better, with the error bound `alpha`. "futile": its gain is below `minimum_gain`, with
    the error bound `futility`. "timed-out": neither within `max_rows`. The same rows give the same decision at the same
    row however they are cut, and a restored proof goes on exactly as the one that was snapshotted.

    Where n successive rows say as much as one independent row, evidence is the n-th root of the capital: half a day on
    which one model happens to be right all the time is one piece of evidence, not twenty. A root of what is above 1 is
    less, so the bounds hold whatever n is estimated to be; where rows are independent it is 1, but for chance.

    Args:
        settings: Fixed for the whole proof.

    >>> proof = PairedProof(ProofSettings(alpha=0.01))
    >>> proof.update(np.tile([1.0, 0.0, 0.0, 0.0], 10))
    >>> proof.update(np.tile([1.0, 0.0, 0.0, 0.0], 10)), proof.rows, proof.mean
    ('better', 50, 0.26)
    """

    def __init__(self, settings: ProofSettings) -> None:
        self._settings = settings
        self._total = 0.0
        self._autocorrelation = Autocorrelation()
        self._for = _Capital(settings.later_stakes, settings.max_rows)
        self._against = _Capital(settings.later_stakes, settings.max_rows)
        self.rows = 0
        """Rows taken."""
        self.decision: Decision | None = None
        """What was decided; None as long as it is open."""

    @property
    def evidence(self) -> float:
        """For "better": 1 at the beginning, decided at 1/alpha."""
        return self._evidence(self._for)

    @property
    def mean(self) -> float:
        """Mean difference over the rows taken, -1 to 1; NaN before the first."""
        return self._total / self.rows if self.rows else math.nan

    def update(self, differences: Floats) -> Decision | None:
        """Take rows up to the one that decides; what comes after it changes nothing.

        Raises:
            ValueError: A difference is not between -1 and 1; none was taken.
        """
        if not (np.abs(differences) <= 1.0).all():
            raise ValueError("differences of losses must lie between -1 and 1: scale the losses to 0 to 1")
        for difference in differences.tolist():
            if self.decision is not None:
                break
            self._take(difference)
        return self.decision

    def _take(self, difference: float) -> None:
        settings = self._settings
        self.rows += 1
        self._total += difference
        self._autocorrelation.take(difference)
        self._for.bet(difference)
        self._against.bet((settings.minimum_gain - difference) / (1 + settings.minimum_gain))
        if self._is_proved(self._for, settings.alpha):
            self.decision = "better"
        elif self._is_proved(self._against, settings.futility):
            self.decision = "futile"
        elif self.rows >= settings.max_rows:
            self.decision = "timed-out"

    def _is_proved(self, capital: "_Capital", error: float) -> bool:
        """Whether the evidence suffices; where the capital does not, it need not be looked at."""
        return self.rows >= LEAST_ROWS and capital.total * error >= 1 and self._evidence(capital) * error >= 1

    def _evidence(self, capital: "_Capital") -> float:
        return min(capital.total, math.pow(capital.total, 1 / self._autocorrelation.rows_per_independent))

    def snapshot(self) -> dict[str, JsonValue]:
        """Return the whole state as what JSON can hold."""
        return {
            "rows": self.rows,
            "total": self._total,
            "for": list(self._for.parts),
            "against": list(self._against.parts),
            "autocorrelation": self._autocorrelation.snapshot(),
            "decision": self.decision,
        }

    @classmethod
    def restore(cls, state: Mapping[str, JsonValue], settings: ProofSettings) -> Self:
        """Return the proof that `snapshot` described, under the settings that it was begun with.

        Raises:
            ValueError: `state` is no snapshot of a proof.
        """
        proof = cls(settings)
        match state:
            case {
                "rows": int(rows),
                "total": float(total),
                "for": [*for_],
                "against": [*against],
                "decision": decision,
            }:
                if isinstance(sums := state.get("autocorrelation"), dict):  # older snapshots do not know
                    proof._autocorrelation = Autocorrelation.restore(sums)
                proof.rows, proof._total = rows, total
                proof._for.restore(for_, rows)
                proof._against.restore(against, rows)
                proof.decision = next((known for known in get_args(Decision) if known == decision), None)
                return proof
        raise ValueError(f"not the snapshot of a proof: it has {sorted(state)}")


class _Capital:
    """What the bets on values between -1 and 1 with a mean of at most 0 have come to."""

    def __init__(self, later_stakes: float, max_rows: int) -> None:
        self._later = later_stakes
        self._stake = later_stakes / max_rows / len(_BETS)
        self._max_rows = max_rows
        self._rows = 0
        self.parts = [(1.0 - later_stakes) / len(_BETS)] * len(_BETS)
        self.total = 1.0

    def bet(self, value: float) -> None:
        stake = self._stake
        self._rows += 1
        self.parts = [(part + stake) * (1.0 + bet * value) for part, bet in zip(self.parts, _BETS, strict=True)]
        self._count()

    def restore(self, parts: Sequence[JsonValue], rows: int) -> None:
        if len(parts) != len(_BETS) or not all(isinstance(part, float) for part in parts):
            raise ValueError(f"not the capital of a proof: {parts!r}")
        self.parts = [float(part) for part in parts if isinstance(part, float)]
        self._rows = rows
        self._count()

    def _count(self) -> None:
        """Add up what is staked and what waits to be."""
        self.total = math.fsum(self.parts) + self._later * (1 - self._rows / self._max_rows)
