"""What the proof promises, measured on simulated pairs of classifiers, by the library as the service calls it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.retraining.streams import Generator
from driftline_retrain_service.proof import PairedProof, ProofSettings
from driftline_retrain_service.proof.losses import Floats
from driftline_retrain_service.proof.settings import probation_settings, share_of_alpha

TRIALS = 1_000
PROBATION_ROWS = 2_000
TOGETHER = 0.6
"""Share of the rows on which both err, or do not, for the same reason: models of one task do."""

FIRST_REFIT = ProofSettings(alpha=share_of_alpha(ProofSettings.alpha, 1))
PROBATION = probation_settings(ProofSettings.alpha, PROBATION_ROWS)


@dataclass(frozen=True)
class Case:
    """Two classifiers: how often each errs, and the share of rows on which they err together."""

    champion: float
    challenger: float
    together: float = TOGETHER

    def differences(self, rng: Generator, rows: int) -> Floats:
        """Losses of the champion less those of the challenger."""
        difficulty, own = rng.random(rows), rng.random(rows)
        common = rng.random(rows) < self.together
        second = np.where(common, difficulty, own) < self.challenger
        return (difficulty < self.champion).astype(float) - second


CASES = {
    "1-point-worse": Case(0.10, 0.11),
    "equal": Case(0.10, 0.10),
    "equal-and-bad": Case(0.30, 0.30),
    "5-points-better": Case(0.20, 0.15),
    "5-points-better-apart": Case(0.20, 0.15, together=0.0),
}

Verdicts = list[tuple[str | None, int]]
"""The decision of each trial, and after how many outcomes it fell."""


def gate(name: str, seed: int) -> Verdicts:
    """The proof of a retrain's first challenger, a thousand times."""
    rng = np.random.default_rng([seed, list(CASES).index(name)])
    return [_decide(FIRST_REFIT, CASES[name].differences(rng, FIRST_REFIT.max_rows)) for _ in range(TRIALS)]


def holdout(name: str, seed: int, rows: int = 500) -> float:
    """Share of trials in which a comparison on so many held-out rows promotes, as most systems compare."""
    rng = np.random.default_rng([seed, list(CASES).index(name)])
    return float(np.mean([CASES[name].differences(rng, rows).mean() > 0 for _ in range(TRIALS)]))


def sabotage(seed: int) -> tuple[Verdicts, float]:
    """A promoted model, 5 points better, errs on 45 % from some row of its probation on.

    Outcomes from that row until it was taken back, and the share that was taken back although it was still good.
    """
    rng = np.random.default_rng([seed, 99])
    verdicts: Verdicts = []
    early = 0
    for _ in range(TRIALS):
        begin = int(rng.integers(0, PROBATION_ROWS - 500))
        good = -Case(0.20, 0.15).differences(rng, begin)
        bad = Case(0.45, 0.20).differences(rng, PROBATION_ROWS - begin)
        decision, rows = _decide(PROBATION, np.concatenate((good, bad)))
        early += decision == "better" and rows <= begin
        verdicts.append((decision, rows - begin))
    return verdicts, early / TRIALS


def rows_of(verdicts: Verdicts, decision: str = "better") -> Iterator[int]:
    """After how many outcomes this was decided, where it was."""
    return (rows for decided, rows in verdicts if decided == decision)


def _decide(settings: ProofSettings, differences: Floats) -> tuple[str | None, int]:
    proof = PairedProof(settings)
    return proof.update(differences), proof.rows
