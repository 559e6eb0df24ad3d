"""River models, pickled, because River has no format of its own and skops cannot store most of them.

The registry's signature is checked first, and then only River's own classes and a few plain ones are built.
"""

import io
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from driftline_registry.errors import ArtifactRefused
from driftline_registry.flavours import Scored, Value
from driftline_registry.manifest import Manifest

PAYLOAD = "model.river"

_REVIEWED = frozenset(
    {
        # Containers and numbers that River's models are made of. Nothing here reaches a file, a process or a name.
        ("builtins", "bool"),
        ("builtins", "float"),
        ("builtins", "frozenset"),
        ("builtins", "int"),
        ("builtins", "object"),
        ("builtins", "set"),
        ("builtins", "str"),
        ("collections", "Counter"),
        ("collections", "OrderedDict"),
        ("collections", "defaultdict"),
        ("collections", "deque"),
        ("copy", "deepcopy"),
        ("copyreg", "_reconstructor"),
        ("functools", "partial"),
        ("numbers", "Number"),
        ("random", "Random"),
    }
)
_CLOSED_PARTS = frozenset({"datasets", "stream", "api", "checks", "test"})
"""Parts of River that read files or the network; no model is made of them."""


class _RiverUnpickler(pickle.Unpickler):
    """Builds River's own classes and the reviewed plain ones, nothing else."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        """Return the class that the pickle names, or refuse it."""
        if (module_name, global_name) in _REVIEWED:
            return super().find_class(module_name, global_name)
        parts = module_name.split(".")
        if parts[0] == "river" and not _CLOSED_PARTS & set(parts):
            found = super().find_class(module_name, global_name)
            is_own = (getattr(found, "__module__", ""), getattr(found, "__qualname__", "")) == (
                module_name,
                global_name,
            )
            # Functions are allowed only where they are private factories of defaults, such as GaussianNB's.
            if is_own and (isinstance(found, type) or global_name.rpartition(".")[2].startswith("_")):
                return found
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is not on the allow-list")


def dump(model: object, path: Path) -> None:
    """Write a model.

    Raises:
        ArtifactRefused: it holds a type that `load` would refuse, so nobody could use it.
    """
    content = pickle.dumps(model, protocol=5)
    _unpickle(content, "the model")
    path.write_bytes(content)


def load(path: Path, manifest: Manifest) -> "RiverPredictor":
    """Rebuild a model; the caller has verified the registry's signature of this file."""
    return RiverPredictor(_unpickle(path.read_bytes(), str(path)), manifest)


def _unpickle(content: bytes, what: str) -> Any:
    try:
        return _RiverUnpickler(io.BytesIO(content)).load()
    except Exception as error:
        raise ArtifactRefused(f"{what} cannot be loaded safely: {error}") from error


class RiverPredictor:
    """Feeds rows of named features to a River model; missing ones are left out, as River expects."""

    def __init__(self, model: Any, manifest: Manifest) -> None:
        self._model = model
        self._is_classifier = bool(manifest.classes)
        self._default = Scored(manifest.classes[0], 0.0) if manifest.classes else Scored(0.0, None)
        self._features = manifest.features

    def predict_many(self, rows: Sequence[Mapping[str, Value]]) -> list[Scored]:
        """Predict each row."""
        return [self._predict(present(row, self._features)) for row in rows]

    def _predict(self, row: dict[str, Value]) -> Scored:
        if not self._is_classifier:
            return Scored(float(self._model.predict_one(row)), None)
        probabilities = self._model.predict_proba_one(row)
        if not probabilities:  # a model that has learnt nothing
            return self._default
        best = max(probabilities, key=probabilities.__getitem__)
        return Scored(best, float(probabilities[best]))


def present(row: Mapping[str, Value], features: Sequence[str]) -> dict[str, Value]:
    """Return the known features that are there: not None, not NaN.

    >>> present({"a": 1.0, "b": float("nan"), "c": None, "x": 2.0}, ["a", "b", "c"])
    {'a': 1.0}
    """
    kept = {name: row.get(name) for name in features}
    return {name: value for name, value in kept.items() if value is not None and value == value}
