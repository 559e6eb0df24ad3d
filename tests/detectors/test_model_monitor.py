"""What a model's monitor finds, and the laws it keeps."""

import os
import subprocess
import sys
from dataclasses import fields, replace
from typing import Any

import numpy as np
import ormsgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from driftline_detectors import ErrorColumns, Findings, ModelMonitor, PredictionColumns, SnapshotError, WindowFindings
from tests.detectors.strategies import Floats, cuts, pieces, streams

Batch = PredictionColumns | ErrorColumns


def predictions(features: dict[str, Floats], present: dict[str, NDArray[np.bool_]] | None = None) -> PredictionColumns:
    length = max(len(column) for column in features.values())
    return PredictionColumns(
        position=np.arange(length) * 3 + 1000,
        timestamp_ms=np.arange(length) * 10,
        features=features,
        latency_ms=np.where(np.arange(length) % 2, np.nan, 5.0),
        prediction_value=np.full(length, np.nan),
        present=present or {},
    )


def errors(values: Floats, residual: Floats | None = None) -> ErrorColumns:
    length = len(values)
    nothing = np.full(length, np.nan)
    position, timestamp_ms = np.arange(length) * 3 + 1000, np.arange(length) * 10
    return ErrorColumns(position, timestamp_ms, values, nothing if residual is None else residual)


def part(batch: Batch, rows: slice) -> Batch:
    """Return these rows of a batch; a feature that none of them carries may be missing altogether."""
    columns: dict[str, Any] = {field.name: getattr(batch, field.name) for field in fields(batch)}
    for name, column in columns.items():
        if isinstance(column, dict):
            columns[name] = {feature: values[rows] for feature, values in column.items()}
        else:
            columns[name] = column[rows]
    for feature in [name for name, mask in columns.get("present", {}).items() if not mask.any()]:
        del columns["present"][feature], columns["features"][feature]
    return type(batch)(**columns)


def observe(monitor: ModelMonitor, batch: Batch) -> Findings:
    if isinstance(batch, PredictionColumns):
        return monitor.observe_predictions(batch)
    return monitor.observe_errors(batch)


def observed(monitor: ModelMonitor, batch: Batch, lengths: list[int]) -> Findings:
    """Feed a batch in pieces; return all findings with their row in the whole batch."""
    found = Findings()
    for rows in pieces(len(batch.position), lengths):
        piece = observe(monitor, part(batch, rows))
        for name in ("drifts", "windows", "readings"):
            moved = [replace(finding, row=finding.row + rows.start) for finding in getattr(piece, name)]
            getattr(found, name).extend(moved)
    return found


def carried(monitor: ModelMonitor) -> ModelMonitor:
    """Return the monitor after a trip through MessagePack."""
    return ModelMonitor.restore(ormsgpack.unpackb(ormsgpack.packb(monitor.snapshot())))


def metrics(window: WindowFindings) -> list[tuple[str, str, float, int]]:
    """Return a window's metrics, row by row."""
    return list(zip(window.feature, window.metric, window.value, window.count, strict=True))


@st.composite
def prediction_batches(draw: st.DrawFn) -> PredictionColumns:
    """Draw features: with nulls, not carried by every row, late, constant, and with values of astronomic size."""
    columns = draw(st.lists(streams(), min_size=1, max_size=4))
    length = max(len(column) for column in columns)
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    features, present = {}, {}
    for number, column in enumerate(columns):
        values = np.resize(column, length)
        values[generator.random(length) < draw(st.sampled_from([0.0, 0.1]))] = np.nan
        match draw(st.sampled_from(["as it is", "sparse", "late", "constant", "huge", "infinite"])):
            case "sparse":
                present[f"feature {len(columns) - number}"] = generator.random(length) < 0.7
            case "late":
                present[f"feature {len(columns) - number}"] = np.arange(length) >= draw(st.integers(0, length))
            case "constant":
                values[:] = draw(st.floats(allow_nan=False, allow_infinity=False))
            case "huge":
                values[draw(st.integers(0, length - 1)) :: 331] = draw(st.sampled_from([1e200, -1e300, 1.7e308]))
            case "infinite":
                values[draw(st.integers(0, length - 1)) :: 77] = np.inf
        features[f"feature {len(columns) - number}"] = values
    return predictions(features, present)


@st.composite
def error_batches(draw: st.DrawFn) -> ErrorColumns:
    """Draw errors of classes or of numbers, some without a judgement."""
    classes = draw(st.booleans())
    values = draw(streams(binary=classes))
    residual = np.full(len(values), np.nan) if classes else values
    judged = np.abs(values)
    judged[:: draw(st.integers(3, 50))] = np.nan
    return errors(judged, residual)


batches = prediction_batches() | error_batches()


@given(batches, cuts(), st.integers(1, 600), st.integers(0, 3))
@settings(max_examples=30)
def test_any_cut_gives_the_same_findings_and_state(
    batch: Batch, lengths: list[int], window_size: int, max_features: int
) -> None:
    whole, cut = ModelMonitor(window_size, max_features), ModelMonitor(window_size, max_features)
    assert repr(observed(cut, batch, lengths)) == repr(observe(whole, batch))
    assert cut.snapshot() == whole.snapshot()


_REPLAY = """
import numpy as np
from driftline_detectors import ModelMonitor, PredictionColumns
rows, generator = np.arange(1500), np.random.default_rng(0)
features = {f"f{n}": generator.normal(size=1500) + n * (rows >= 700) for n in range(6)}
present = {"f5": rows > 200, "f4": rows > 200}
batch = PredictionColumns(rows, rows, features, np.ones(1500), np.ones(1500), present)
monitor = ModelMonitor(max_features=5)
print(monitor.observe_predictions(batch), monitor.snapshot())
"""


def test_another_process_finds_the_same() -> None:
    outputs = [
        subprocess.run(
            [sys.executable, "-c", _REPLAY],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    ]
    assert b"DriftFinding" in outputs[0]
    assert outputs[0] == outputs[1]


@given(batches, st.data(), st.integers(1, 600))
@settings(max_examples=30)
def test_a_restored_monitor_goes_on_as_if_never_interrupted(
    batch: Batch, data: st.DataObject, window_size: int
) -> None:
    at = data.draw(st.integers(0, len(batch.position)))
    monitor = ModelMonitor(window_size)
    observe(monitor, part(batch, slice(0, at)))
    restored = carried(monitor)
    rest = part(batch, slice(at, None))
    assert repr(observe(restored, rest)) == repr(observe(monitor, rest))
    assert restored.snapshot() == monitor.snapshot()


@pytest.mark.parametrize(("sign", "direction"), [(1, "up"), (-1, "down")])
def test_a_feature_that_shifts_either_way_is_data_drift(sign: int, direction: str) -> None:
    generator = np.random.default_rng(3)
    price = generator.normal(size=2000)
    price[1000:] += 3 * sign
    found = ModelMonitor().observe_predictions(predictions({"price": price, "steady": generator.normal(size=2000)}))
    (drift,) = found.drifts
    assert (drift.kind, drift.feature, drift.detector, drift.direction) == ("data-drift", "price", "adwin", direction)
    assert 1000 <= drift.row < 1100
    assert drift.statistic > drift.threshold
    assert drift.before == pytest.approx(0, abs=0.1)
    assert drift.after == pytest.approx(3 * sign, abs=0.5)
    assert drift.change_position == 3 * (drift.row + 1 - drift.width) + 1000
    assert drift.change_timestamp_ms == 10 * (drift.row + 1 - drift.width)
    assert abs(drift.change_timestamp_ms - 10_000) <= 80


def test_the_change_point_is_a_record_of_the_stream_whatever_is_missing_between() -> None:
    generator = np.random.default_rng(3)
    present = generator.random(8000) < 0.3
    price = np.where(generator.random(8000) < 0.2, np.nan, generator.normal(size=8000) + 5 * (np.arange(8000) >= 4000))
    (drift,) = ModelMonitor().observe_predictions(predictions({"price": price}, {"price": present})).drifts
    rows = np.flatnonzero(present & ~np.isnan(price))
    first = rows[np.flatnonzero(rows == drift.row)[0] + 1 - drift.width]
    assert (drift.change_position, drift.change_timestamp_ms) == (3 * first + 1000, 10 * first)


def test_more_errors_are_concept_drift_for_both_detectors() -> None:
    wrong = np.random.default_rng(0).binomial(1, np.repeat([0.1, 0.5], 2000)).astype(np.float64)
    drifts = ModelMonitor().observe_errors(errors(wrong)).drifts
    assert {drift.detector for drift in drifts} == {"adwin", "ddm"}
    for drift in drifts:
        assert (drift.kind, drift.feature, drift.direction) == ("concept-drift", None, "up")
        assert 2000 <= drift.row < 2200
        assert drift.change_timestamp_ms <= 10 * drift.row
    adwin = next(drift for drift in drifts if drift.detector == "adwin")
    assert abs(adwin.change_timestamp_ms - 20_000) < 1000


def test_fewer_errors_are_good_news_to_which_the_detector_adapts() -> None:
    wrong = np.random.default_rng(0).binomial(1, np.repeat([0.5, 0.05, 0.5], 2000)).astype(np.float64)
    monitor = ModelMonitor()
    assert monitor.observe_errors(errors(wrong[:4000])).drifts == []
    drifts = [drift for drift in monitor.observe_errors(errors(wrong[4000:])).drifts if drift.detector == "adwin"]
    assert drifts[0].row < 100
    assert drifts[0].before == pytest.approx(0.05, abs=0.03)


def test_ddm_judges_classes_only() -> None:
    absolute = np.abs(np.random.default_rng(0).normal(size=4000)) + np.repeat([0, 5], 2000)
    found = ModelMonitor().observe_errors(errors(absolute, absolute))
    assert {drift.detector for drift in found.drifts} == {"adwin"}
    assert {detector for reading in found.readings for detector in reading.detector} == {"adwin"}


def test_windows_measure_features_predictions_and_the_rows_that_bound_them() -> None:
    batch = predictions({"a": np.array([1.0, 3.0, np.nan, 9.0, 9.0])}, {"a": np.array([1, 1, 1, 0, 1], bool)})
    batch = replace(batch, prediction_value=np.array([2.0, 4.0, np.nan, 6.0, 8.0]))
    found = ModelMonitor(window_size=4).observe_predictions(batch)
    (window,) = found.windows
    assert (window.row, window.window, window.start_ms, window.end_ms) == (3, 0, 0, 30)
    assert {(feature, metric): figures for feature, metric, *figures in metrics(window)} == {
        ("", "count"): [4, 4],
        ("", "latency_mean"): [5, 2],
        ("", "latency_max"): [5, 2],
        ("", "prediction_mean"): [4, 3],
        ("", "prediction_std"): [pytest.approx(np.std([2, 4, 6])), 3],
        ("a", "count"): [2, 2],
        ("a", "nulls"): [1, 3],
        ("a", "mean"): [2, 2],
        ("a", "std"): [1, 2],
        ("a", "min"): [1, 2],
        ("a", "max"): [3, 2],
    }
    (reading,) = found.readings
    assert (reading.row, reading.feature, reading.detector) == (3, ["a"], ["adwin"])
    assert (reading.estimate, reading.width) == ([2], [2])


def test_performance_is_measured_on_joined_outcomes() -> None:
    classes = errors(np.array([0.0, np.nan, 1.0, 0.0, 0.0]))
    found = ModelMonitor(window_size=4).observe_errors(classes)
    (window,) = found.windows
    assert window.row == 4
    assert metrics(window) == [("", "labels", 4, 4), ("", "accuracy", 0.75, 4)]
    numbers = errors(np.array([1.0, 2.0, 3.0]), np.array([1.0, -2.0, 3.0]))
    found = ModelMonitor(window_size=3).observe_errors(numbers)
    assert metrics(found.windows[0]) == [("", "labels", 3, 3), ("", "mae", 2, 3), ("", "bias", pytest.approx(2 / 3), 3)]


def test_features_beyond_the_limit_are_counted_not_watched() -> None:
    late = np.array([False, True, True, True])
    features = {"late": np.ones(4), "b": np.ones(4), "a": np.ones(4)}
    found = ModelMonitor(window_size=4, max_features=2).observe_predictions(predictions(features, {"late": late}))
    (window,) = found.windows
    assert set(window.feature) == {"", "a", "b"}
    assert ("", "unmonitored_values", 3, 3) in metrics(window)


def test_a_vanished_feature_shows_as_a_count_of_zero() -> None:
    monitor = ModelMonitor(window_size=2)
    monitor.observe_predictions(predictions({"a": np.ones(2)}))
    found = monitor.observe_predictions(predictions({"b": np.ones(2)}))
    assert [metric[1:3] for metric in metrics(found.windows[0]) if metric[0] == "a"] == [("count", 0), ("nulls", 0)]


def test_memory_is_bounded_by_the_features_watched() -> None:
    monitor = ModelMonitor(max_features=2)
    for turn in range(20):
        monitor.observe_predictions(predictions({f"feature {turn}.{n}": np.ones(50) for n in range(50)}))
    assert len(ormsgpack.packb(monitor.snapshot())) < 20_000


@pytest.mark.parametrize(
    "garbage", [{}, {"format": 3}, {"format": 2}, {"format": 1}, {"format": 2, "predictions": {"features": 3}}]
)
def test_what_is_no_snapshot_is_refused(garbage: dict[str, object]) -> None:
    with pytest.raises(SnapshotError, match=r"snapshot of model monitor .*replay the log"):
        ModelMonitor.restore(garbage)


def test_a_window_needs_rows() -> None:
    with pytest.raises(ValueError, match="must be 1 row or more"):
        ModelMonitor(window_size=0)
