"""Ours and River's: each says at which rows of a stream it raises an alarm, and for which feature."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from river import drift
from river.drift import binary

from benchmarks.detection.streams import CONCEPT, START_MS, Floats, Stream
from driftline_detectors import DriftFinding, ErrorColumns, ModelMonitor, PredictionColumns

Alarms = list[tuple[int, int]]
"""Row and feature, or CONCEPT, or OTHER."""

OTHER = -2
"""The predictions or their latency."""

_CHUNK_ROWS = 1_000


def driftline(stream: Stream) -> Alarms:
    """The monitor of a model version, as the worker uses it without a specification."""
    monitor = ModelMonitor()
    found: Alarms = []
    for begin in range(0, stream.rows, _CHUNK_ROWS):
        rows = np.arange(begin, min(begin + _CHUNK_ROWS, stream.rows))
        drifts: list[DriftFinding] = []
        if len(stream.values):
            drifts += monitor.observe_predictions(predictions(stream, rows)).drifts
        if stream.errors is not None:
            drifts += monitor.observe_errors(_errors(stream.errors[rows], stream, rows)).drifts
        found += [(begin + drift.row, about(drift.kind, drift.feature)) for drift in drifts]
    return sorted(found)


def about(kind: str, feature: str | None) -> int:
    """The feature that a drift names; CONCEPT, or OTHER."""
    return int(feature) if feature else CONCEPT if kind == "concept-drift" else OTHER


def predictions(stream: Stream, rows: NDArray[np.int64]) -> PredictionColumns:
    """Rows of a stream's features, named by their numbers."""
    nothing = np.full(len(rows), np.nan)
    columns = dict(enumerate(stream.values[:, rows]))
    return PredictionColumns(
        position=rows,
        timestamp_ms=START_MS + rows * stream.gap_ms,
        features={str(number): values for number, values in columns.items() if number not in stream.categories},
        latency_ms=nothing,
        prediction_value=nothing,
        present={},
        texts={str(number): texts(columns[number]) for number in stream.categories},
        prediction=["ok"] * len(rows),
    )


def texts(codes: Floats) -> list[str | None]:
    """Categories by their codes."""
    return [None if code != code else f"category {code:.0f}" for code in codes.tolist()]


def _errors(errors: Floats, stream: Stream, rows: NDArray[np.int64]) -> ErrorColumns:
    return ErrorColumns(rows, START_MS + rows * stream.gap_ms, errors, np.full(len(rows), np.nan))


def river(make: Callable[[], Any]) -> Callable[[Stream], Alarms]:
    """A detector of River's for every feature, which ignores nulls, or for the errors."""

    def alarms(stream: Stream) -> Alarms:
        found = []
        watched = enumerate(stream.values) if stream.errors is None else [(CONCEPT, stream.errors)]
        for number, values in watched:
            detector = make()
            for row, value in enumerate(values.tolist()):
                if value == value:
                    detector.update(value)
                    if detector.drift_detected:
                        found.append((row, number))
        return sorted(found)

    return alarms


OF_FEATURES: Mapping[str, Callable[[Stream], Alarms]] = {
    "driftline": driftline,
    "river-adwin": river(drift.ADWIN),
    "river-page-hinkley": river(drift.PageHinkley),
}
OF_ERRORS: Mapping[str, Callable[[Stream], Alarms]] = {
    "driftline": driftline,
    "river-adwin": river(drift.ADWIN),
    "river-ddm": river(binary.DDM),
    "river-eddm": river(binary.EDDM),
    "river-hddm-a": river(binary.HDDMA),
    "river-hddm-w": river(binary.HDDMW),
}
