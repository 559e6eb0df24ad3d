"""The specifications of a partition's models, and their monitors."""

from collections import OrderedDict
from typing import Any

from driftline_detectors import LearningPlaces, ModelMonitor, MonitorSettings
from driftline_detectors.feature_watch import FeatureWatch
from driftline_schemas import ModelSpec
from driftline_stream_processors.memory.specification import monitor_settings

MAX_MODELS = 10_000
"""Models watched per partition, and models with a specification; further ones are stored only."""

MAX_VERSIONS = 4
"""Versions watched per model: the newest ones, in the order in which they came or were promoted last."""

MAX_NEW_VERSIONS = 16
"""Versions watched per model until the end of the block, where all but the newest are forgotten."""


MAX_LEARNING_VALUES = 50_000_000
"""Values in the reference windows of features that learn, per partition: 300 MB, less than a third of a snapshot."""


class Monitors:
    """The monitors of all model versions of one partition.

    Attributes:
        specs: The specification in force of each model that has one.
    """

    def __init__(self) -> None:
        self.specs: dict[str, ModelSpec] = {}
        self._models: dict[str, OrderedDict[str, ModelMonitor]] = {}

    def __len__(self) -> int:
        return len(self._models)

    def specify(self, spec: ModelSpec) -> None:
        """Take a specification; where it says that something else is to be watched, the model's monitors begin anew."""
        before = self.specs.get(spec.model) or ModelSpec(model=spec.model, timestamp_ms=0)
        if spec.model not in self.specs and len(self.specs) >= MAX_MODELS:
            return
        self.specs[spec.model] = spec
        if spec.watching != before.watching:
            self._models.pop(spec.model, None)

    def settings(self, model: str) -> MonitorSettings:
        """How a model is watched."""
        spec = self.specs.get(model)
        return MonitorSettings() if spec is None else monitor_settings(spec)

    def of(self, model: str, version: str) -> ModelMonitor | None:
        """The monitor of a version that has predicted already and is not yet forgotten."""
        versions = self._models.get(model)
        return None if versions is None else versions.get(version)

    def open(self, model: str, version: str) -> ModelMonitor | None:
        """The monitor of a version that predicts; None beyond the limits, whose events are stored only."""
        versions = self._models.get(model)
        if versions is None:
            if len(self._models) >= MAX_MODELS:
                return None
            versions = self._models[model] = OrderedDict()
        if version not in versions:
            if len(versions) >= MAX_NEW_VERSIONS:
                return None
            newest = next(reversed(versions.values()), None)
            versions[version] = newest.successor() if newest else ModelMonitor(self.settings(model))
        return versions[version]

    def promoted(self, model: str, version: str) -> None:
        """A version has become champion. One that is watched already, as after a roll-back, is the newest from now on.

        Its errors get a new reference: those of its former time at the top had made it go.
        """
        versions = self._models.get(model)
        if versions and version in versions:
            versions[version].forget_errors()
            versions.move_to_end(version)

    def end_block(self) -> None:
        """Forget all but the newest versions of each model, and hand out places to learn.

        Only here, so that every reading forgets alike, and gives the same features a place: whatever began within the
        block asks for one, in the order in which the log first named the models.
        """
        for versions in self._models.values():
            while len(versions) > MAX_VERSIONS:
                versions.popitem(last=False)
        places = LearningPlaces(MAX_LEARNING_VALUES)
        watches = self._watches()
        for watch in watches:
            watch.keep_places(places)
        for watch in watches:
            watch.ask_for_places(places)

    @property
    def waiting_features(self) -> int:
        """Features that have no place to learn yet."""
        return sum(watch.waiting for watch in self._watches())

    def _watches(self) -> list[FeatureWatch]:
        every = [monitor for versions in self._models.values() for monitor in versions.values()]
        return [watch for monitor in every for watch in monitor.watches()]

    def snapshot(self) -> dict[str, Any]:
        """Plain data; models and versions in the order in which the log first names or last promotes them."""
        return {
            "specs": [spec.model_dump(exclude_defaults=True) for spec in self.specs.values()],
            "models": [
                [model, [[version, monitor.snapshot()] for version, monitor in versions.items()]]
                for model, versions in self._models.items()
            ],
        }

    @classmethod
    def restore(cls, state: dict[str, Any]) -> "Monitors":
        """What `snapshot` returned."""
        monitors = cls()
        for document in state["specs"]:
            spec = ModelSpec.model_validate(document)
            monitors.specs[spec.model] = spec
        for model, versions in state["models"]:
            settings = monitors.settings(model)
            monitors._models[model] = OrderedDict(
                (version, ModelMonitor.restore(each, settings)) for version, each in versions
            )
        return monitors
