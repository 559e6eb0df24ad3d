"""The traffic of a partition's models."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from driftline_detectors import DriftFinding, TrafficColumns, TrafficMonitor
from driftline_schemas import ModelSpec
from driftline_stream_processors.columns import Judged, OptionalTexts, Predictions, Rows
from driftline_stream_processors.memory.monitors import MAX_MODELS, MAX_VERSIONS

_MINUTE_MS = 60_000


class Traffic:
    """The traffic monitor of every model."""

    def __init__(self) -> None:
        self._models: dict[str, TrafficMonitor] = {}

    def take(
        self,
        specs: Mapping[str, ModelSpec],
        predictions: Sequence[Predictions],
        judged: Sequence[Judged],
        repeated: Sequence[Predictions] = (),
    ) -> None:
        """Count the next predictions, joined outcomes, and predictions that repeat an earlier one."""
        by_model: dict[str, list[Predictions]] = {}
        for group in predictions:
            by_model.setdefault(group.model, []).append(group)
        for model, groups in by_model.items():
            if model in self._models or len(self._models) < MAX_MODELS:
                tags = tuple(specs[model].segments) if model in specs else ()
                known = self._models.setdefault(model, TrafficMonitor(tags))
                if known.tags != tags:
                    known.watch(tags)
                known.add_predictions(_came(groups, tags))
        for again in repeated:
            if again.model in self._models:
                self._models[again.model].add_repeated(again.places.logged_at_ms)
        for answers in judged:
            if answers.outcomes.model in self._models:
                _add_outcomes(self._models[answers.outcomes.model], answers)

    def promoted(self, model: str, version: str) -> None:
        """A version has become champion."""
        if model in self._models:
            self._models[model].promote(version)

    def end_block(self) -> None:
        """Forget all but the newest versions of each model; only here, so that every reading forgets alike."""
        for monitor in self._models.values():
            monitor.forget_versions(MAX_VERSIONS)

    def at_tick(
        self, now_ms: int, specs: Mapping[str, ModelSpec], champions: Mapping[str, str]
    ) -> Iterator[tuple[str, DriftFinding]]:
        """What is unusual at that time of the log, by model."""
        for model, monitor in self._models.items():
            minutes = specs[model].silence_minutes if model in specs else None
            silence_ms = None if minutes is None else minutes * _MINUTE_MS
            for finding in monitor.at_tick(now_ms, silence_ms, champions.get(model)):
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


def _came(groups: Sequence[Predictions], tags: Sequence[str]) -> TrafficColumns:
    """A model's predictions in the order of the log."""
    offset = np.concatenate([group.places.offset for group in groups])
    order = np.argsort(offset, kind="stable")
    logged_at_ms = np.concatenate([group.places.logged_at_ms for group in groups])[order]
    versions = [group.version for group in groups]
    names = list(dict.fromkeys(versions))
    numbers = np.repeat([names.index(version) for version in versions], [len(group) for group in groups])[order]
    rows = {name: np.flatnonzero(numbers == number) for number, name in enumerate(names)}
    segment = {tag: _tag(groups, tag, order) for tag in tags}
    return TrafficColumns(logged_at_ms, offset[order], rows, segment)


def _tag(groups: Sequence[Predictions], tag: str, order: Rows) -> OptionalTexts:
    """The values of a tag, in that order."""
    values = list(chain.from_iterable(group.segment.get(tag) or [None] * len(group) for group in groups))
    return values if len(groups) == 1 else [values[row] for row in order.tolist()]


def _add_outcomes(known: TrafficMonitor, answers: Judged) -> None:
    """Count the joined ones, version by version."""
    logged_at_ms, served = answers.outcomes.places.logged_at_ms, answers.served
    for version, rows in answers.by_version():
        values = {tag: served.segment[tag] for tag in known.tags if tag in served.segment}
        segment = {tag: [column[row] for row in rows.tolist()] for tag, column in values.items()}
        came = TrafficColumns(logged_at_ms[rows], answers.position[rows], {version: np.arange(len(rows))}, segment)
        known.add_outcomes(came, came.logged_at_ms - served.timestamp_ms[rows])
