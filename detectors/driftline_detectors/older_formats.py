"""Snapshots of formats 1 (JSON) and 2: their windows go on, and their detectors, of which none is as it was, anew."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from driftline_detectors.column_windows import ColumnWindows
from driftline_detectors.columns import Floats
from driftline_detectors.error_monitor import ErrorMonitor
from driftline_detectors.feature_table import MODEL_COLUMNS
from driftline_detectors.prediction_monitor import PredictionMonitor
from driftline_detectors.settings import MonitorSettings
from driftline_detectors.snapshots import Plain, packed, unpacked

FORMATS = (1, 2)

_FIGURES = 7
"""Of each column: count, nulls, and five more."""

_PERFORMANCE = 3
"""Columns of errors before those of detectors: accuracy, mae, bias."""


def upgraded(state: Mapping[str, Any], settings: MonitorSettings) -> dict[str, Plain]:
    """Return a state of these formats in format 3; raise LookupError, TypeError or ValueError if it is damaged."""
    read = _json if state["format"] == 1 else _bytes
    predictions, errors = state["predictions"], state["errors"]
    features, columns = read(predictions, "model_columns", "feature_columns")
    _, performance = read(errors, "columns")
    alone: dict[str, Plain] = {"tags": [], "segments": [], "told": [], "found": []}
    return {
        "format": 3,
        "predictions": {"whole": _predictions(features, columns, predictions, settings), **alone},
        "errors": {"whole": _errors(performance[:, :_PERFORMANCE], errors, settings), **alone},
    }


def _json(room: Mapping[str, Any], *columns: str) -> tuple[list[str], Floats]:
    """Names of features, and the figures of the window, (_FIGURES, columns)."""
    rows = [[float(cell) for cell in column] for name in columns for column in room[name]]
    return [str(feature) for feature, _ in room.get("streams", ())], np.array(rows).reshape(-1, _FIGURES).T


def _bytes(room: Mapping[str, Any], *_: str) -> tuple[list[str], Floats]:
    features = [str(feature) for feature in room["panel"]["bank"]["features"]]
    return features, unpacked(room["panel"]["window"], float, _FIGURES, -1)


def _predictions(
    features: list[str], columns: Floats, old: Mapping[str, Any], settings: MonitorSettings
) -> dict[str, Plain]:
    if columns.shape[1] != MODEL_COLUMNS + len(features):
        raise ValueError(f"{columns.shape[1]} columns for {len(features)} features")
    fresh = PredictionMonitor.of_features(features, settings).snapshot()
    return fresh | {
        "tumbling": old["tumbling"],
        "panel": fresh["panel"] | {"window": packed(columns)},  # type: ignore[operator]
        "unmonitored": old["unmonitored"],
    }


def _errors(performance: Floats, old: Mapping[str, Any], settings: MonitorSettings) -> dict[str, Plain]:
    fresh = ErrorMonitor(settings).snapshot()
    unused = unpacked(ColumnWindows(len(settings.error_detectors)).snapshot(), float, _FIGURES, -1)
    window = packed(np.concatenate((performance, unused), axis=1))
    return fresh | {"tumbling": old["tumbling"], "panel": fresh["panel"] | {"window": window}}  # type: ignore[operator]
