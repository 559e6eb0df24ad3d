"""The traffic of a partition's models."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from driftline_detectors import DriftFinding, TrafficMonitor
from driftline_schemas import ModelSpec
from driftline_stream_processors.columns import Judged, Predictions
from driftline_stream_processors.memory.monitors import MAX_MODELS

_MINUTE_MS = 60_000


class Traffic:
    """The traffic monitor of every model, whatever its version."""

    def __init__(self) -> None:
        self._models: dict[str, TrafficMonitor] = {}

    def take(
        self, predictions: Sequence[Predictions], judged: Sequence[Judged], repeated: Sequence[Predictions] = ()
    ) -> None:
        """Count the next predictions, joined outcomes, and predictions that repeat an earlier one."""
        by_model: dict[str, list[Predictions]] = {}
        for group in predictions:
            by_model.setdefault(group.model, []).append(group)
        for model, groups in by_model.items():
            if model in self._models or len(self._models) < MAX_MODELS:
                offset = np.concatenate([group.places.offset for group in groups])
                logged_at_ms = np.concatenate([group.places.logged_at_ms for group in groups])
                order = np.argsort(offset, kind="stable")
                self._models.setdefault(model, TrafficMonitor()).add_predictions(logged_at_ms[order], offset[order])
        for again in repeated:
            if again.model in self._models:
                self._models[again.model].add_repeated(again.places.logged_at_ms)
        for answers in judged:
            known = self._models.get(answers.outcomes.model)
            if known is not None:
                logged_at_ms = answers.outcomes.places.logged_at_ms[answers.joined]
                known.add_outcomes(logged_at_ms, logged_at_ms - answers.served.timestamp_ms[answers.joined])

    def at_tick(self, now_ms: int, specs: Mapping[str, ModelSpec]) -> Iterator[tuple[str, DriftFinding]]:
        """What is unusual at that time of the log, by model."""
        for model, monitor in self._models.items():
            minutes = specs[model].silence_minutes if model in specs else None
            for finding in monitor.at_tick(now_ms, None if minutes is None else minutes * _MINUTE_MS):
                yield model, finding

    def snapshot(self) -> list[Any]:
        """Plain data."""
        return [[model, monitor.snapshot()] for model, monitor in self._models.items()]

    @classmethod
    def restore(cls, state: list[Any]) -> "Traffic":
        """What `snapshot` returned."""
        traffic = cls()
        traffic._models = {str(model): TrafficMonitor.restore(each) for model, each in state}
        return traffic
