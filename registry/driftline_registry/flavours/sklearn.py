"""scikit-learn models, stored by skops, which rebuilds objects from an allow-list instead of unpickling them."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from driftline_registry.errors import ArtifactRefused
from driftline_registry.flavours import Scored, Value
from driftline_registry.manifest import Label, Manifest

PAYLOAD = "model.skops"

_REVIEWED = (
    # Beyond what skops itself trusts. Each holds numbers only and runs nothing when it is rebuilt.
    "numpy.dtype",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
)


def dump(model: object, path: Path) -> None:
    """Write a fitted estimator or pipeline.

    Raises:
        ArtifactRefused: it holds a type that `load` would refuse, so nobody could use it.
    """
    skops.io.dump(model, path)
    untrusted = sorted(set(skops.io.get_untrusted_types(file=path)) - set(_REVIEWED))
    if untrusted:
        path.unlink()
        raise ArtifactRefused(
            f"the model holds {', '.join(untrusted)}, which is not on the allow-list; "
            "use scikit-learn's own transformers and estimators"
        )


def load(path: Path, manifest: Manifest) -> "SklearnPredictor":
    """Rebuild a model without executing anything that the file brings along."""
    try:
        model = skops.io.load(path, trusted=_REVIEWED)
    except UntrustedTypesFoundException as error:
        raise ArtifactRefused(f"{path} holds a type that is not on the allow-list: {error}") from error
    except Exception as error:
        raise ArtifactRefused(f"{path} is not a readable skops archive: {error!r}") from error
    return SklearnPredictor(model, manifest)


class SklearnPredictor:
    """Feeds rows of named features to an estimator."""

    def __init__(self, model: Any, manifest: Manifest) -> None:
        self._model = model
        self._classes = manifest.classes
        self._matrix = matrix_builder(manifest.features, manifest.categorical)

    def predict_many(self, rows: Sequence[Mapping[str, Value]]) -> list[Scored]:
        """Predict each row."""
        if not rows:
            return []
        matrix = self._matrix(rows)
        if not self._classes:
            return [Scored(value, None) for value in self._model.predict(matrix).tolist()]
        return _most_probable(self._model.predict_proba(matrix), self._classes)


def _most_probable(probabilities: npt.NDArray[np.float64], classes: tuple[Label, ...]) -> list[Scored]:
    columns = probabilities.argmax(axis=1)
    scores = probabilities[np.arange(len(columns)), columns]
    return [Scored(classes[column], score) for column, score in zip(columns.tolist(), scores.tolist(), strict=True)]


def matrix_builder(
    features: Sequence[str], categorical: frozenset[str]
) -> Callable[[Sequence[Mapping[str, Value]]], npt.NDArray[Any]]:
    """Return the function that puts rows of named features into columns, in this order.

    A missing number becomes NaN and a missing category the empty string; a value of the wrong type raises
    TypeError. The matrix is of floats, or of objects when there are categories.

    >>> matrix_builder(["age", "rich"], frozenset())([{"rich": True, "other": 1.0}])
    array([[nan,  1.]])
    """
    converters = [(name, _category if name in categorical else _number) for name in features]
    dtype = object if categorical else np.float64

    def build(rows: Sequence[Mapping[str, Value]]) -> npt.NDArray[Any]:
        return np.array([[convert(name, row.get(name)) for name, convert in converters] for row in rows], dtype=dtype)

    return build


def _number(name: str, value: Value) -> float:
    if isinstance(value, str):
        raise TypeError(f"feature {name!r} is {value!r}; the model was trained on numbers")
    return math.nan if value is None else float(value)


def _category(name: str, value: Value) -> str:
    if value is None or value != value:
        return ""
    if not isinstance(value, str):
        raise TypeError(f"feature {name!r} is {value!r}; the model was trained on strings")
    return value
