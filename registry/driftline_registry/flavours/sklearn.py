"""scikit-learn models, stored by skops, which rebuilds objects from an allow-list instead of unpickling them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from driftline_registry.errors import ArtifactRefused
from driftline_registry.flavours import Scored, Value
from driftline_registry.flavours.matrices import matrix_builder, most_probable
from driftline_registry.manifest import Manifest

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
        return most_probable(self._model.predict_proba(matrix), self._classes)
