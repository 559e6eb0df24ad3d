"""Figures of a model on held-out rows."""

from collections.abc import Mapping, Sequence

from driftline_registry import Label, LoadedModel
from driftline_registry.flavours import Value


def evaluate(
    model: LoadedModel, rows: Sequence[Mapping[str, Value]], labels: Sequence[Label], *, is_classification: bool
) -> dict[str, float]:
    """Return `{"accuracy": 0..1}` for classes, `{"mae": mean absolute error}` for numbers."""
    pairs = zip(model.predict_many(rows), labels, strict=True)
    if is_classification:
        return {"accuracy": sum(scored.prediction == label for scored, label in pairs) / len(labels)}
    return {"mae": sum(abs(float(scored.prediction) - float(label)) for scored, label in pairs) / len(labels)}
