"""Trainers: what makes a challenger from the training window. One per file; other packages add theirs by entry point.

[project.entry-points."driftline.trainers"]
my-trainer = "my_package.my_module:trainer"
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol, cast

from pydantic import JsonValue

from driftline_registry import Label
from driftline_registry.flavours import Value
from driftline_schemas.errors import ConfigurationError

GROUP = "driftline.trainers"


@dataclass(frozen=True)
class TrainingData:
    """Labelled rows, oldest first.

    Attributes:
        rows: Features by name; a missing value is None or absent.
        labels: The truth of each row.
        features: Names of the features, in the order in which the model will get them.
        categorical: The features that are strings; the others are numbers.
        is_classification: Whether labels are classes; else they are numbers.
        weights: How much each row counts, above 0 up to 1; None when all count alike.
    """

    rows: Sequence[Mapping[str, Value]]
    labels: Sequence[Label]
    features: Sequence[str]
    categorical: frozenset[str]
    is_classification: bool
    weights: Sequence[float] | None = None


class Trainer(Protocol):
    """Fits a model. Runs in a process of its own, with limits on memory, time and files.

    Attributes:
        flavour: How the registry stores the model: `sklearn` (its columns in the order of `TrainingData.features`;
            categories are strings, a missing one is empty, a missing number NaN) or `river`.
    """

    flavour: str

    def fit(self, data: TrainingData, params: Mapping[str, JsonValue], seed: int) -> object:
        """Return a fitted model. The same arguments must give a model with the same predictions.

        Called several times in one process, once for every window that is tried and once for the best one.

        Whatever it raises ends the retrain as failed, with the message as the reason.
        """


def find_trainer(name: str) -> EntryPoint:
    """Return the entry point of a trainer; nothing is imported yet.

    Raises:
        ConfigurationError: no installed package offers a trainer of this name.
    """
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in found:
        raise ConfigurationError(f"trainer {name!r} is not installed; valid are {', '.join(sorted(found))}")
    return found[name]


def load_trainer(name: str) -> Trainer:
    """Import a trainer.

    Raises:
        ConfigurationError: no installed package offers a trainer of this name.
    """
    return cast(Trainer, find_trainer(name).load())


def require_classes(data: TrainingData, name: str) -> None:
    """Raise ValueError when the labels are numbers, which the trainer called `name` cannot learn."""
    if not data.is_classification:
        raise ValueError(f"{name} predicts classes, but the labels are numbers; choose the trainer gradient-boosting")
