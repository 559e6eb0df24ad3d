"""The monitors of a partition's models."""

from collections import OrderedDict
from typing import Any

from driftline_detectors import ModelMonitor

MAX_MODELS = 10_000
"""Models watched per partition; further ones are stored only."""

MAX_VERSIONS = 4
"""Versions watched per model: the newest ones, in the order in which the log first names them."""

MAX_NEW_VERSIONS = 16
"""Versions watched per model until the end of the block, where all but the newest are forgotten."""


class Monitors:
    """The monitors of all model versions of one partition."""

    def __init__(self) -> None:
        self._models: dict[str, OrderedDict[str, ModelMonitor]] = {}

    def __len__(self) -> int:
        return len(self._models)

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
            versions[version] = ModelMonitor()
        return versions[version]

    def end_block(self) -> None:
        """Forget all but the newest versions of each model; only here, so that every reading forgets alike."""
        for versions in self._models.values():
            while len(versions) > MAX_VERSIONS:
                versions.popitem(last=False)

    def snapshot(self) -> list[Any]:
        """Plain data, in the order in which the log first names each version."""
        return [
            [model, [[version, monitor.snapshot()] for version, monitor in versions.items()]]
            for model, versions in self._models.items()
        ]

    @classmethod
    def restore(cls, state: list[Any]) -> "Monitors":
        """What `snapshot` returned."""
        monitors = cls()
        for model, versions in state:
            monitors._models[model] = OrderedDict((version, ModelMonitor.restore(s)) for version, s in versions)
        return monitors
