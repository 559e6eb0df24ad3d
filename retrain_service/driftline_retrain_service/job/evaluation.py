"""Figures of a model on rows that it was not trained on, and what it answers on a probe set."""

import hashlib
from collections.abc import Mapping, Sequence

import orjson

from driftline_registry import Label, LoadedModel
from driftline_registry.flavours import Scored, Value

_SCORE_DIGITS = 6
"""Scores agree to so many digits after the point on other processors, too; the last bits of a sum need not."""


def evaluate(
    model: LoadedModel, rows: Sequence[Mapping[str, Value]], labels: Sequence[Label], *, is_classification: bool
) -> dict[str, float]:
    """Return the figures by name; `loss` is what the best candidate has least of.

    Classes: `accuracy` (0..1), `loss` (1 - accuracy), `brier` (mean squared error of the score as the probability that
    the predicted class is right, 0..1). Numbers: `mae` (mean absolute error), which is also the `loss`.
    """
    pairs = list(zip(model.predict_many(rows), labels, strict=True))
    if not is_classification:
        mae = sum(abs(float(scored.prediction) - float(label)) for scored, label in pairs) / len(pairs)
        return {"loss": mae, "mae": mae}
    right = [scored.prediction == label for scored, label in pairs]
    brier = sum((is_right - (scored.score or 0.0)) ** 2 for is_right, (scored, _) in zip(right, pairs, strict=True))
    accuracy = sum(right) / len(right)
    return {"loss": 1 - accuracy, "accuracy": accuracy, "brier": brier / len(right)}


def prediction_digest(predictions: Sequence[Scored]) -> str:
    """Return the SHA-256 of predictions and scores, in order; numbers count to six digits after the point."""
    rounded = [[_rounded(scored.prediction), _rounded(scored.score)] for scored in predictions]
    return hashlib.sha256(orjson.dumps(rounded)).hexdigest()


def _rounded(value: Label | None) -> Label | None:
    return round(value, _SCORE_DIGITS) + 0.0 if isinstance(value, float) else value
