"""Fourth step: columns go through the monitors of their model version."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftline_detectors import (
    DriftFinding,
    ErrorColumns,
    Findings,
    ModelMonitor,
    PredictionColumns,
    ReadingFindings,
    WindowFindings,
)
from driftline_schemas import Prediction
from driftline_stream_processors.position import Position
from driftline_stream_processors.scalars import as_number, or_nan
from driftline_stream_processors.steps.join import Judged

MAX_MODELS = 10_000
MAX_VERSIONS = 4
"""Versions watched per model: the newest ones, in the order in which the log first names them."""

Finding = DriftFinding | WindowFindings | ReadingFindings


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, whose it is, and at which row of the log it was made."""

    model: str
    version: str
    finding: Finding
    at: Position
    event_id: str
    timestamp_ms: int


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
        """The monitor of a version that predicts; None beyond `MAX_MODELS`, whose events are stored only."""
        versions = self._models.get(model)
        if versions is None:
            if len(self._models) >= MAX_MODELS:
                return None
            versions = self._models[model] = OrderedDict()
        if version not in versions:
            versions[version] = ModelMonitor()
            if len(versions) > MAX_VERSIONS:
                versions.popitem(last=False)
        return versions[version]

    def snapshot(self) -> list[Any]:
        """Plain JSON, in the order in which the log first names each version."""
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


def watch_predictions(monitors: Monitors, predictions: Iterable[tuple[Prediction, Position]]) -> list[Found]:
    """Feed predictions, in log order, to their monitors."""
    groups: dict[tuple[str, str], list[tuple[Prediction, Position]]] = {}
    for prediction, at in predictions:
        groups.setdefault((prediction.model, prediction.version), []).append((prediction, at))
    found: list[Found] = []
    for (model, version), rows in groups.items():
        monitor = monitors.open(model, version)
        if monitor is not None:
            keys = [(at, p.event_id, p.timestamp_ms) for p, at in rows]
            found += _found(model, version, monitor.observe_predictions(_prediction_columns(rows)), keys)
    return found


def watch_outcomes(monitors: Monitors, judged: Iterable[Judged]) -> list[Found]:
    """Feed the errors of joined outcomes, in log order, to the monitors of the versions that predicted."""
    groups: dict[tuple[str, str], list[Judged]] = {}
    for item in judged:
        if item.served is not None and item.outcome.label is not None:
            groups.setdefault((item.outcome.model, item.served.version), []).append(item)
    found: list[Found] = []
    for (model, version), rows in groups.items():
        monitor = monitors.of(model, version)
        if monitor is not None:
            keys = [
                (item.at._replace(offset=item.position), item.outcome.event_id, item.outcome.timestamp_ms)
                for item in rows
            ]
            found += _found(model, version, monitor.observe_errors(_error_columns(rows)), keys)
    return found


def _found(model: str, version: str, findings: Findings, keys: list[tuple[Position, str, int]]) -> list[Found]:
    every: list[Finding] = [*findings.drifts, *findings.windows, *findings.readings]
    return [Found(model, version, finding, *keys[finding.row]) for finding in every]


def _prediction_columns(rows: list[tuple[Prediction, Position]]) -> PredictionColumns:
    names = dict.fromkeys(name for p, _ in rows for name in p.features)
    features: dict[str, NDArray[np.float64]] = {}
    present: dict[str, NDArray[np.bool_]] = {}
    for name in names:
        _add_feature(name, rows, features, present)
    return PredictionColumns(
        position=np.array([at.offset for _, at in rows], np.int64),
        timestamp_ms=np.array([p.timestamp_ms for p, _ in rows], np.int64),
        features=features,
        latency_ms=np.array([or_nan(p.latency_ms) for p, _ in rows], np.float64),
        prediction_value=np.array([as_number(p.prediction) for p, _ in rows], np.float64),
        present=present,
    )


_ABSENT = object()


def _add_feature(
    name: str,
    rows: list[tuple[Prediction, Position]],
    features: dict[str, NDArray[np.float64]],
    present: dict[str, NDArray[np.bool_]],
) -> None:
    """Add one column: numbers and booleans as numbers, null as NaN; text counts as not present."""
    values: list[Any] = [p.features.get(name, _ABSENT) for p, _ in rows]
    mask = np.array([value is not _ABSENT and not isinstance(value, str) for value in values])
    if not mask.any():
        return
    numbers = [float(v) if isinstance(v, (int, float)) else np.nan for v in values]
    features[name] = np.array(numbers, np.float64)
    if not mask.all():
        present[name] = mask


def _error_columns(rows: list[Judged]) -> ErrorColumns:
    return ErrorColumns(
        position=np.array([item.position for item in rows], np.int64),
        timestamp_ms=np.array([item.served.timestamp_ms for item in rows if item.served], np.int64),
        error=np.array([item.error for item in rows], np.float64),
        residual=np.array([item.residual for item in rows], np.float64),
    )
