"""Features and labels from the text and numbers that ClickHouse stores, as a model knows them."""

import math
from collections.abc import Mapping
from typing import Any

from driftline_registry import Label, Manifest
from driftline_registry.flavours import Value
from driftline_retrain_service.errors import RetrainFailed


def features_of(numbers: Mapping[str, float], categories: Mapping[str, str], manifest: Manifest) -> dict[str, Value]:
    """The features of a row as a model with this manifest takes them; a missing one is None."""
    known: dict[str, Value] = {}
    for name in manifest.features:
        value: Any = (categories if name in manifest.categorical else numbers).get(name)
        known[name] = None if isinstance(value, float) and not math.isfinite(value) else value
    return known


def label_of(text: str, manifest: Manifest) -> Label:
    """The class or number that ClickHouse stores as this text.

    A class that the model does not know keeps the type of those that it does.

    Raises:
        RetrainFailed: The model predicts numbers, and this is none.
    """
    if not manifest.classes:
        return _number(text)
    known = {_text(label): label for label in manifest.classes}
    return known.get(text, _number(text) if _are_numbers(manifest.classes) else text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise RetrainFailed(f"label {text[:80]!r} is not a number, as those that the model knows are") from error


def _text(label: Label) -> str:
    if isinstance(label, bool):
        return str(label).lower()
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label)


def _are_numbers(classes: tuple[Label, ...]) -> bool:
    return all(isinstance(label, int | float) and not isinstance(label, bool) for label in classes)
