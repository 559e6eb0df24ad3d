"""Snapshots of the first format, which were JSON, are still read."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray

from driftline_detectors import (
    ErrorColumns,
    Findings,
    ModelMonitor,
    MonitorSettings,
    PredictionColumns,
    SnapshotError,
)

FIXTURE = Path(__file__).parent / "data" / "format_1.json.gz"
ROWS, AT = np.arange(4200), 2330
"""All rows of the log, and where the snapshot was taken."""


def noise(seed: int) -> NDArray[np.float64]:
    """Return 12 uniform numbers, added up, per row; arithmetic that no version of a library changes."""
    bits = (ROWS[:, np.newaxis] * 12 + np.arange(12) + seed * 1_000_003).astype(np.uint64)
    for shift, factor in ((31, 0x9E3779B97F4A7C15), (29, 0xBF58476D1CE4E5B9), (32, 0x94D049BB133111EB)):
        bits = (bits ^ (bits >> np.uint64(shift))) * np.uint64(factor)
    uniform = (bits >> np.uint64(40)).astype(np.float64) / 2**24
    return np.cumsum(uniform, axis=1)[:, -1] - 6.0


def log() -> tuple[PredictionColumns, ErrorColumns]:
    """Return predictions and errors: changes before and after the snapshot, nulls, and a feature that comes late."""
    position, timestamp_ms = 5 * ROWS + 100, 1_700_000_000_000 + 250 * ROWS
    sparse = np.where(noise(1) < -1.0, np.nan, noise(2) * 5 + 50 + 20 * (ROWS >= 3300))
    features = {
        "shifting": noise(3) + 2.0 * (ROWS >= 900) - 3.0 * (ROWS >= 3000),
        "sparse": sparse,
        "steady": noise(4),
    }
    latency_ms = np.where(ROWS % 7, np.abs(noise(5)) * 10, np.nan)
    present = {"sparse": (noise(6) < 0.3) & (ROWS >= 40)}
    wrong = np.where(noise(7) < np.where(ROWS < 3000, -1.3, 0.0), 1.0, 0.0)
    error = np.where(ROWS % 11, wrong, np.nan)
    predictions = PredictionColumns(position, timestamp_ms, features, latency_ms, noise(8), present)
    return predictions, ErrorColumns(position, timestamp_ms, error, np.full(len(ROWS), np.nan))


def after(predictions: PredictionColumns, errors: ErrorColumns) -> tuple[PredictionColumns, ErrorColumns]:
    """Return the part of the log that comes after the snapshot."""
    return (
        PredictionColumns(
            predictions.position[AT:],
            predictions.timestamp_ms[AT:],
            {name: column[AT:] for name, column in predictions.features.items()},
            predictions.latency_ms[AT:],
            predictions.prediction_value[AT:],
            {name: mask[AT:] for name, mask in predictions.present.items()},
        ),
        ErrorColumns(errors.position[AT:], errors.timestamp_ms[AT:], errors.error[AT:], errors.residual[AT:]),
    )


@pytest.fixture
def fixture() -> dict[str, Any]:
    """A snapshot that the code of format 1 took, and what that code then found in the rest of the log."""
    document: dict[str, Any] = orjson.loads(gzip.decompress(FIXTURE.read_bytes()))
    return document


def plain(found: Findings) -> Any:
    return orjson.loads(orjson.dumps(found))


@pytest.mark.parametrize("settings", [MonitorSettings(), MonitorSettings("adwin", ("adwin", "ddm"))])
def test_windows_of_format_1_go_on_as_in_the_code_of_its_time(
    fixture: dict[str, Any], settings: MonitorSettings
) -> None:
    monitor = ModelMonitor.restore(fixture["snapshot"], settings)
    predictions, errors = after(*log())
    found = plain(monitor.observe_predictions(predictions)), plain(monitor.observe_errors(errors))
    for here, there in zip(found, fixture["found"], strict=True):
        assert len(there["windows"]) > 2
        assert here["windows"] == [{**window, "segment": []} for window in there["windows"]]


def test_detectors_of_format_1_begin_anew(fixture: dict[str, Any]) -> None:
    monitor = ModelMonitor.restore(fixture["snapshot"], MonitorSettings("adwin"))
    predictions, errors = after(*log())
    before, shift = 5 * AT + 100, 5 * 3000 + 100
    drifts = [*monitor.observe_predictions(predictions).drifts, *monitor.observe_errors(errors).drifts]
    assert {drift.feature for drift in drifts} == {None, "shifting", "sparse"}
    assert all(drift.change_position > (before + shift) / 2 for drift in drifts)


@pytest.mark.parametrize(
    ("room", "missing"),
    [("predictions", "streams"), ("predictions", "tumbling"), ("predictions", "model_columns"), ("errors", "columns")],
)
def test_a_damaged_snapshot_of_format_1_is_refused(fixture: dict[str, Any], room: str, missing: str) -> None:
    del fixture["snapshot"][room][missing]
    with pytest.raises(SnapshotError, match="replay the log"):
        ModelMonitor.restore(fixture["snapshot"])
