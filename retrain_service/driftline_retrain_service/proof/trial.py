"""Two versions on the same outcomes: the one that serves, and one that predicts on the logged features.

A challenger before its promotion and the predecessor of a promoted version are in the same trial: the other one is
asked for as soon as it has proved to be better.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from driftline_registry import Label, LoadedModel, Manifest
from driftline_registry.flavours import Scored
from driftline_retrain_service.errors import RetrainFailed
from driftline_retrain_service.proof import Decision, PairedProof, ProofSettings
from driftline_retrain_service.proof.guards import Figures
from driftline_retrain_service.proof.losses import Floats, paired_losses
from driftline_retrain_service.rows.live import LiveRows
from driftline_retrain_service.rows.values import features_of, label_of


class Trial(BaseModel):
    """A comparison that goes on: who is compared, how far, and how it stands.

    Attributes:
        champion: The version that serves.
        challenger: The version that predicts on the logged features.
        settings: Of the proof.
        bound: Error that counts as a whole one, of numbers; None for classes.
        position: The outcomes up to this offset have been compared.
        began_ms: When it began, in the log's time.
        rows: Outcomes compared.
        evidence: E-value for the challenger.
        decision: What was decided; None as long as it goes on.
        proof: Snapshot of the e-process.
        champion_figures: Of the champion on these outcomes, for the guards.
        challenger_figures: The same of the challenger.
        champion_error: Sum of its errors: 0 or 1 for classes, absolute errors of numbers.
        challenger_error: The same of the challenger.
    """

    model_config = ConfigDict(frozen=True)

    champion: str
    challenger: str
    settings: ProofSettings
    bound: float | None = None
    position: int
    began_ms: int
    rows: int = 0
    evidence: float = 1.0
    decision: Decision | None = None
    proof: Mapping[str, JsonValue] = Field(default_factory=dict)
    champion_figures: Figures = Figures()
    challenger_figures: Figures = Figures()
    champion_error: float = 0.0
    challenger_error: float = 0.0

    @property
    def metrics(self) -> tuple[dict[str, float], dict[str, float]]:
        """`accuracy` of classes or `mae` of numbers, of champion and challenger; empty without outcomes."""
        if not self.rows:
            return {}, {}
        means = self.champion_error / self.rows, self.challenger_error / self.rows
        champion, challenger = means if self.bound is not None else (1 - mean for mean in means)
        name = "accuracy" if self.bound is None else "mae"
        return {name: champion}, {name: challenger}

    @property
    def summary(self) -> str:
        """How it stands, in words."""
        champion, challenger = self.metrics
        if not champion:
            return "no outcome has come"
        ((name, old),) = champion.items()
        figures = f"{name} {challenger[name]:.4f} against {old:.4f} of version {self.champion}"
        return f"{figures} on {self.rows} outcomes, evidence {self.evidence:.3g}"

    def take(self, rows: LiveRows, champion: LoadedModel, challenger: LoadedModel) -> Self:
        """Take the next rows, up to the one that decides."""
        compared = _compare(rows, champion, challenger)
        old, new = paired_losses(compared.champion, compared.challenger, compared.labels, self.bound)
        proof = PairedProof.restore(self.proof, self.settings) if self.proof else PairedProof(self.settings)
        decision = proof.update(old - new)
        taken = proof.rows - self.rows
        old_error, new_error = (old, new) if self.bound is None else compared.errors
        segments = compared.segments[:taken]
        last = compared.position[taken - 1] if decision else rows.position[-1]
        changes = {
            "position": last,
            "rows": proof.rows,
            "evidence": proof.evidence,
            "decision": decision,
            "proof": proof.snapshot(),
            "champion_figures": self.champion_figures.plus(old[:taken], segments, compared.champion_scores[:taken]),
            "challenger_figures": self.challenger_figures.plus(
                new[:taken], segments, compared.challenger_scores[:taken]
            ),
            "champion_error": self.champion_error + float(old_error[:taken].sum()),
            "challenger_error": self.challenger_error + float(new_error[:taken].sum()),
        }
        return self.model_copy(update=changes)


@dataclass(frozen=True)
class _Compared:
    """Both predictions beside the labels; rows whose label is of the wrong type are left out."""

    position: Sequence[int]
    labels: Sequence[Label]
    segments: Sequence[Mapping[str, str]]
    champion: Sequence[Label]
    challenger: Sequence[Label]
    champion_scores: Sequence[float | None]
    challenger_scores: Sequence[float | None]

    @property
    def errors(self) -> tuple[Floats, Floats]:
        """Absolute errors of numbers."""
        labels = np.asarray(self.labels, np.float64)
        return (
            np.abs(np.asarray(self.champion, np.float64) - labels),
            np.abs(np.asarray(self.challenger, np.float64) - labels),
        )


def _compare(rows: LiveRows, champion: LoadedModel, challenger: LoadedModel) -> _Compared:
    manifest = champion.manifest
    labels = [_label(text, manifest) for text in rows.label]
    usable = [index for index, label in enumerate(labels) if label is not None]
    served = _served(rows, usable, champion)
    answers = _predictions(rows, usable, challenger)
    is_classification = bool(manifest.classes)
    return _Compared(
        position=[rows.position[index] for index in usable],
        labels=[label for label in labels if label is not None],
        segments=[rows.segment[index] for index in usable],
        champion=[each.prediction for each in served],
        challenger=[each.prediction for each in answers],
        champion_scores=[each.score for each in served] if is_classification else [],
        challenger_scores=[each.score for each in answers] if is_classification else [],
    )


def _served(rows: LiveRows, usable: Sequence[int], champion: LoadedModel) -> list[Scored]:
    """What the champion served; what it would have answered where another version served, as it did before it."""
    served: list[Scored | None] = []
    for index in usable:
        own = rows.version[index] == champion.version
        prediction = _label(rows.prediction[index], champion.manifest) if own else None
        score = rows.score[index]
        served.append(None if prediction is None else Scored(prediction, None if math.isnan(score) else score))
    missing = [index for index, each in zip(usable, served, strict=True) if each is None]
    answers = iter(_predictions(rows, missing, champion))
    return [next(answers) if each is None else each for each in served]


def _predictions(rows: LiveRows, which: Sequence[int], model: LoadedModel) -> list[Scored]:
    if not which:
        return []
    return model.predict_many([features_of(rows.numbers[i], rows.categories[i], model.manifest) for i in which])


def _label(text: str, manifest: Manifest) -> Label | None:
    """A label or prediction; None where it is none that the model could give."""
    try:
        return label_of(text, manifest)
    except RetrainFailed:
        return None
