"""How a payload becomes a model again; one library per file, imported only when needed."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, Protocol, cast

from driftline_registry.errors import ArtifactRefused
from driftline_registry.manifest import Label, Manifest

Value = bool | int | float | str | None
"""A feature's value; None, NaN and an absent feature all mean that it is missing."""

FLAVOURS = ("sklearn", "river", "onnx")


class Scored(NamedTuple):
    """A prediction and the probability of the predicted class (None for a number)."""

    prediction: Label
    score: float | None


class Predictor(Protocol):
    """A model that has been loaded."""

    def predict_many(self, rows: Sequence[Mapping[str, Value]]) -> list[Scored]:
        """Predict each row; never changes the model, so threads may share it."""


class Flavour(Protocol):
    """What a module of this package offers."""

    PAYLOAD: str

    def dump(self, model: object, path: Path) -> None:
        """Write a fitted model to the payload file."""

    def load(self, path: Path, manifest: Manifest) -> Predictor:
        """Read a payload file; raise `ArtifactRefused` for anything that is not on the allow-list."""


def flavour_named(name: str) -> Flavour:
    """Return the module that reads and writes this flavour.

    Raises:
        ArtifactRefused: there is no such flavour.
    """
    if name not in FLAVOURS:
        raise ArtifactRefused(f"flavour {name!r} is unknown; valid are {', '.join(FLAVOURS)}")
    return cast(Flavour, import_module(f"{__name__}.{name}"))
