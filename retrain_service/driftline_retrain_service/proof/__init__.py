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
from collections.abc import Mapping
from typing import Literal, Self, get_args

import numpy as np
from pydantic import JsonValue

from driftline_retrain_service.proof.autocorrelation import Autocorrelation
from driftline_retrain_service.proof.capital import Capital
from driftline_retrain_service.proof.losses import Floats
from driftline_retrain_service.proof.settings import ProofSettings

__all__ = ["LEAST_ROWS", "Decision", "PairedProof", "ProofSettings"]

Decision = Literal["better", "futile", "timed-out"]

LEAST_ROWS = 50
"""Rows before which nothing is decided: how much successive outcomes resemble each other cannot be told of fewer."""


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
        self._for = Capital(settings.later_stakes, settings.max_rows)
        self._against = Capital(settings.later_stakes, settings.max_rows)
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

    def _is_proved(self, capital: Capital, error: float) -> bool:
        """Whether the evidence suffices; where the capital does not, it need not be looked at."""
        return self.rows >= LEAST_ROWS and capital.total * error >= 1 and self._evidence(capital) * error >= 1

    def _evidence(self, capital: Capital) -> float:
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
