"""Snapshots of format 1, which were JSON: compiled windows in base64, numbers JSON cannot carry as text."""

import base64
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from driftline_detectors import adwin_window
from driftline_detectors.milestones import indices_alive
from driftline_detectors.snapshots import Plain, packed

Stream = Mapping[str, Any]

_UNUSED = [0, 0, 0, 0, 0, math.inf, -math.inf]
"""A column of a window without values: that of a detector whose values are measured elsewhere."""


def upgraded(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model monitor's state of format 1 in format 2; raise LookupError, TypeError or ValueError if damaged."""
    predictions, errors = state["predictions"], state["errors"]
    return {
        "format": 2,
        "predictions": {
            "max_features": predictions["max_features"],
            "tumbling": predictions["tumbling"],
            "panel": {
                "window": _window(predictions["model_columns"] + predictions["feature_columns"]),
                "bank": _bank(predictions["streams"]),
            },
            "unmonitored": predictions["unmonitored"],
        },
        "errors": {
            "tumbling": errors["tumbling"],
            "panel": {
                "window": _window(errors["columns"] + 2 * [_UNUSED]),
                "bank": _bank([("", errors["adwin"]), ("", errors["ddm"])]),
            },
        },
    }


def _window(columns: list[list[Any]]) -> bytes:
    return packed(np.array([[float(cell) for cell in column] for column in columns]).T)


def _bank(streams: list[tuple[str, Stream]]) -> dict[str, Plain]:
    return {
        "features": [feature for feature, _ in streams],
        "detectors": [_detector(stream["detector"]) for _, stream in streams],
        "past": {
            "count": packed(np.array([stream["origins"]["count"] for _, stream in streams], np.int64)),
            "total": packed(np.array([_total(stream["detector"]) for _, stream in streams], np.float64)),
            "milestones": packed(np.array([row for _, stream in streams for row in _milestones(stream)], np.int64).T),
        },
    }


def _detector(state: Mapping[str, Any]) -> dict[str, Plain]:
    detector = {name: value for name, value in state.items() if name != "totals"} | {"format": 2}
    if "window" in state:
        detector["window"] = base64.b64decode(state["window"], validate=True)
    return detector


def _total(detector: Mapping[str, Any]) -> float:
    """Return the sum of a stream's values; only ADWIN had it, and only ADWIN needs it."""
    return adwin_window.total(base64.b64decode(detector["window"])) if "window" in detector else math.nan


def _milestones(stream: Stream) -> list[tuple[int, int, int]]:
    """Return a stream's milestones: the sum before each (its bits), offset and event time."""
    origins = stream["origins"]
    totals = stream["detector"].get("totals", {"rows": [(index, math.nan) for index, _, _ in origins["rows"]]})
    indices = indices_alive(origins["count"]).tolist()
    if not [index for index, _ in totals["rows"]] == [index for index, _, _ in origins["rows"]] == indices:
        raise ValueError(f"milestones of {origins['count']} values are not {indices}")
    bits = np.array([float(total) for _, total in totals["rows"]]).view(np.int64).tolist()
    return [(total, position, at) for total, (_, position, at) in zip(bits, origins["rows"], strict=True)]
