"""What a model's monitor finds, and the laws it keeps."""

import os
import subprocess
import sys
from dataclasses import fields, replace
from typing import Any

import numpy as np
import ormsgpack
import pytest
from hypothesis import Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from driftline_detectors import (
    ErrorColumns,
    FeatureSettings,
    Findings,
    ModelMonitor,
    MonitorSettings,
    PredictionColumns,
    SnapshotError,
    WindowFindings,
)
from tests.detectors.strategies import Floats, cuts, pieces, streams

Batch = PredictionColumns | ErrorColumns

BY_ADWIN = MonitorSettings("adwin", ("adwin", "ddm"))


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
            columns[name] = {key: values[rows] for key, values in column.items()}
        else:
            columns[name] = column[rows]
    for feature in [name for name, mask in columns.get("present", {}).items() if not mask.any()]:
        del columns["present"][feature], columns["features"][feature]
    for kind in ("texts", "segment"):
        absent = [name for name, texts in columns.get(kind, {}).items() if set(texts) == {None}]
        columns[kind] = {name: texts for name, texts in columns.get(kind, {}).items() if name not in absent}
    if isinstance(batch, ErrorColumns):
        del columns["texts"]
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


def carried(monitor: ModelMonitor, settings: MonitorSettings) -> ModelMonitor:
    """Return the monitor after a trip through MessagePack."""
    return ModelMonitor.restore(ormsgpack.unpackb(ormsgpack.packb(monitor.snapshot())), settings)


def metrics(window: WindowFindings) -> list[tuple[str, str, float, int]]:
    """Return a window's metrics, row by row."""
    return list(zip(window.feature, window.metric, window.value, window.count, strict=True))


@st.composite
def prediction_batches(draw: st.DrawFn) -> PredictionColumns:
    """Draw features: with nulls, not carried by every row, late, constant, and with values of astronomic size.

    Also text that some rows lack, classes or numbers as predictions, and tags.
    """
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
    plan = np.where(np.arange(length) < draw(st.integers(0, length)), generator.integers(0, 3, length), 3).tolist()
    texts = {"plan": [None if generator.random() < 0.1 else f"plan {number}" for number in plan]}
    if draw(st.booleans()):
        texts["feature 1"] = ["text" if generator.random() < 0.05 else None for _ in plan]
        present["feature 1"] = present.get("feature 1", True) & np.array([text is None for text in texts["feature 1"]])
    batch = replace(predictions(features, present), texts=texts, segment={"plan": texts["plan"]})
    values = generator.normal(size=length) if draw(st.booleans()) else batch.prediction_value
    return replace(batch, prediction=["ok" if number % 2 else "not" for number in plan], prediction_value=values)


@st.composite
def error_batches(draw: st.DrawFn) -> ErrorColumns:
    """Draw errors of classes or of numbers, some without a judgement."""
    classes = draw(st.booleans())
    values = draw(streams(binary=classes))
    residual = np.full(len(values), np.nan) if classes else values
    judged = np.abs(values)
    judged[:: draw(st.integers(3, 50))] = np.nan
    plan: list[str | None] = [None if number % 7 == 0 else f"plan {number % 3}" for number in range(len(values))]
    return replace(errors(judged, residual), segment={"plan": plan})


def small(detector: str, window_size: int, max_features: int) -> MonitorSettings:
    """Return settings with which drifts of every kind are found in short streams."""
    return MonitorSettings(
        detector,
        ("adwin", "ddm"),
        1e3,
        {"feature 1": FeatureSettings(minimum=-1e9, maximum=1e3), "plan": FeatureSettings(values=frozenset(PLANS))},
        ("plan",),
        minimum_accuracy=0.8,
        maximum_mae=2.0,
        reference_size=500,
        window_size=window_size,
        max_features=max_features,
    )


PLANS = {"plan 0", "plan 1", "plan 3"}

batches = prediction_batches() | error_batches()


@given(batches, cuts(), st.integers(1, 600), st.integers(0, 3), st.sampled_from(["adwin", "e-detector"]))
@hypothesis_settings(max_examples=20, phases=[Phase.generate])  # to shrink a stream takes too long
def test_any_cut_gives_the_same_findings_and_state(
    batch: Batch, lengths: list[int], window_size: int, max_features: int, detector: str
) -> None:
    settings = small(detector, window_size, max_features)
    whole, cut = ModelMonitor(settings), ModelMonitor(settings)
    assert repr(observed(cut, batch, lengths)) == repr(observe(whole, batch))
    assert ormsgpack.packb(cut.snapshot()) == ormsgpack.packb(whole.snapshot())


_REPLAY = """
import numpy as np
from driftline_detectors import ModelMonitor, MonitorSettings, PredictionColumns
rows, generator = np.arange(1500), np.random.default_rng(0)
features = {f"f{n}": generator.normal(size=1500) + n * (rows >= 700) for n in range(6)}
present = {"f5": rows > 200, "f4": rows > 200}
batch = PredictionColumns(rows, rows, features, np.ones(1500), np.ones(1500), present)
monitor = ModelMonitor(MonitorSettings('adwin', max_features=5))
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


@given(batches, st.data(), st.integers(1, 600), st.sampled_from(["adwin", "e-detector"]))
@hypothesis_settings(max_examples=20, phases=[Phase.generate])  # to shrink a stream takes too long
def test_a_restored_monitor_goes_on_as_if_never_interrupted(
    batch: Batch, data: st.DataObject, window_size: int, detector: str
) -> None:
    settings = small(detector, window_size, 512)
    at = data.draw(st.integers(0, len(batch.position)))
    monitor = ModelMonitor(settings)
    observe(monitor, part(batch, slice(0, at)))
    restored = carried(monitor, settings)
    rest = part(batch, slice(at, None))
    assert repr(observe(restored, rest)) == repr(observe(monitor, rest))
    assert ormsgpack.packb(restored.snapshot()) == ormsgpack.packb(monitor.snapshot())


@pytest.mark.parametrize(("sign", "direction"), [(1, "up"), (-1, "down")])
def test_a_feature_that_shifts_either_way_is_data_drift(sign: int, direction: str) -> None:
    generator = np.random.default_rng(3)
    price = generator.normal(size=2000)
    price[1000:] += 3 * sign
    found = ModelMonitor(BY_ADWIN).observe_predictions(
        predictions({"price": price, "steady": generator.normal(size=2000)})
    )
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
    (drift,) = ModelMonitor(BY_ADWIN).observe_predictions(predictions({"price": price}, {"price": present})).drifts
    rows = np.flatnonzero(present & ~np.isnan(price))
    first = rows[np.flatnonzero(rows == drift.row)[0] + 1 - drift.width]
    assert (drift.change_position, drift.change_timestamp_ms) == (3 * first + 1000, 10 * first)


@pytest.mark.parametrize("seed", range(5))
def test_more_errors_are_one_concept_drift_whoever_sees_it_first(seed: int) -> None:
    wrong = np.random.default_rng(seed).binomial(1, np.repeat([0.1, 0.5], 6000)).astype(np.float64)
    (drift,) = ModelMonitor().observe_errors(errors(wrong)).drifts
    assert (drift.kind, drift.feature, drift.direction) == ("concept-drift", None, "up")
    assert 6000 <= drift.row < 6100
    assert abs(drift.change_timestamp_ms - 60_000) < 1000


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("detectors", [("adwin", "e-sr"), ("adwin", "hddm-a", "e-sr")])
def test_a_change_within_the_reference_is_not_told_again(seed: int, detectors: tuple[str, ...]) -> None:
    wrong = np.random.default_rng(seed).binomial(1, np.repeat([0.1, 0.3], [3000, 9000])).astype(np.float64)
    monitor = ModelMonitor(MonitorSettings(error_detectors=detectors))
    (drift,) = monitor.observe_errors(errors(wrong)).drifts
    assert abs(drift.change_timestamp_ms - 30_000) < 1000


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
    found = ModelMonitor(replace(BY_ADWIN, window_size=4)).observe_predictions(batch)
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
    found = ModelMonitor(MonitorSettings(window_size=4)).observe_errors(classes)
    (window,) = found.windows
    assert window.row == 4
    assert metrics(window) == [("", "labels", 4, 4), ("", "accuracy", 0.75, 4)]
    numbers = errors(np.array([1.0, 2.0, 3.0]), np.array([1.0, -2.0, 3.0]))
    found = ModelMonitor(MonitorSettings(window_size=3)).observe_errors(numbers)
    assert metrics(found.windows[0]) == [("", "labels", 3, 3), ("", "mae", 2, 3), ("", "bias", pytest.approx(2 / 3), 3)]


def test_features_beyond_the_limit_are_counted_not_watched() -> None:
    late = np.array([False, True, True, True])
    features = {"late": np.ones(4), "b": np.ones(4), "a": np.ones(4)}
    found = ModelMonitor(MonitorSettings(window_size=4, max_features=2)).observe_predictions(
        predictions(features, {"late": late})
    )
    (window,) = found.windows
    assert set(window.feature) == {"", "a", "b"}
    assert ("", "unmonitored_values", 3, 3) in metrics(window)


def test_a_vanished_feature_shows_as_a_count_of_zero() -> None:
    monitor = ModelMonitor(MonitorSettings(window_size=2))
    monitor.observe_predictions(predictions({"a": np.ones(2)}))
    found = monitor.observe_predictions(predictions({"b": np.ones(2)}))
    assert [metric[1:3] for metric in metrics(found.windows[0]) if metric[0] == "a"] == [("count", 0), ("nulls", 0)]


def test_memory_is_bounded_by_the_features_watched() -> None:
    monitor = ModelMonitor(MonitorSettings(max_features=2))
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
        ModelMonitor(MonitorSettings(window_size=0))


def steady(rows: int, seed: int = 0) -> PredictionColumns:
    """Return predictions of a model with a numeric and a text feature, classes, and a latency; nothing changes."""
    generator = np.random.default_rng(seed)
    plans = [f"plan {number}" for number in generator.integers(0, 4, rows)]
    batch = predictions({"amount": generator.lognormal(size=rows)})
    answers = np.where(generator.random(rows) < 0.3, "fraud", "ok").tolist()
    latency_ms = generator.gamma(3, 2, rows)
    country = generator.choice(["DE", "FR", "IT", "AT"], rows, p=[0.6, 0.3, 0.05, 0.05]).tolist()
    return replace(
        batch, texts={"plan": plans}, prediction=answers, latency_ms=latency_ms, segment={"country": country}
    )


def test_nothing_is_told_of_what_does_not_change() -> None:
    assert ModelMonitor(MonitorSettings(segments=("country",))).observe_predictions(steady(30_000)).drifts == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"features": {"amount": np.nan}}, ("quality", "amount", "null-rate", "up")),
        ({"features": {"amount": 2.0}}, ("quality", "amount", "frozen", "up")),
        ({"features": {}}, ("quality", "amount", "null-rate", "up")),
        ({"texts": {"plan": "plan 9"}}, ("quality", "plan", "frozen", "up")),
        ({"texts": {"plan": ["plan 1", "plan 2"]}}, ("data-drift", "plan", "e-detector", "up")),
        ({"texts": {}}, ("quality", "plan", "null-rate", "up")),
        ({"features": {}, "texts": {"amount": "12 EUR", "plan": None}}, ("quality", "amount", "wrong-type", "up")),
        ({"prediction": "ok"}, ("prediction-drift", None, "frozen", "up")),
        ({"prediction": ["ok", "fraud"]}, ("prediction-drift", None, "e-detector", "up")),
        ({"latency_ms": 30.0}, ("latency", None, "e-detector", "up")),
    ],
)
def test_what_breaks_is_named(change: dict[str, Any], expected: tuple[str, str | None, str, str]) -> None:
    batch, at = steady(8000), 7000
    after = part(batch, slice(at, None))
    for name, value in change.items():
        columns: Any = (
            _column(value, 1000)
            if not isinstance(value, dict)
            else {key: _column(each, 1000) for key, each in value.items() if each is not None}
        )
        after = replace(after, **{name: columns})
    monitor = ModelMonitor()
    assert observe(monitor, part(batch, slice(at))).drifts == []
    first = observe(monitor, after).drifts[0]
    assert (first.kind, first.feature, first.detector, first.direction) == expected
    assert first.row < 200


def _column(value: float | str | list[str], rows: int) -> Any:
    """Return a number or text for all rows, or some texts in a seeded random order."""
    if isinstance(value, list):
        return np.random.default_rng(1).choice(value, rows).tolist()
    return [value] * rows if isinstance(value, str) else np.full(rows, value)


def test_faster_answers_are_no_drift() -> None:
    batch = steady(9000)
    batch.latency_ms[7000:] /= 10
    assert ModelMonitor().observe_predictions(batch).drifts == []


def test_values_that_the_specification_forbids_count_like_nulls() -> None:
    batch = steady(8000)
    batch.features["amount"][7000::2] = -1.0
    features = {"amount": FeatureSettings(minimum=0.0), "plan": FeatureSettings(values=frozenset({"plan 0"}))}
    found = ModelMonitor(MonitorSettings(features=features)).observe_predictions(batch)
    (drift,) = found.drifts
    assert (drift.kind, drift.feature, drift.detector) == ("quality", "amount", "out-of-range")
    last = {(feature, metric): value for feature, metric, value, _ in metrics(found.windows[-1])}
    assert last["amount", "out_of_range"] == last["amount", "nulls"] == 250
    others = 500 - list(batch.texts["plan"][7500:]).count("plan 0")
    assert last["plan", "unseen"] == last["plan", "nulls"] == others


def test_the_category_whose_share_changed_is_named_also_after_a_restart() -> None:
    batch = steady(8000)
    batch.texts["plan"][7000:] = ["plan 1", "plan 1", "plan 2", "plan 0"] * 250  # type: ignore[index]
    monitor = ModelMonitor()
    assert observe(monitor, part(batch, slice(7000))).drifts == []
    again = carried(monitor, MonitorSettings())
    for each in (monitor, again):
        drift = next(drift for drift in observe(each, part(batch, slice(7000, None))).drifts if drift.of_shares)
        assert (drift.feature, drift.category, drift.direction) == ("plan", "plan 1", "up")
        assert drift.before < drift.after


def test_an_ignored_feature_is_not_looked_at() -> None:
    settings = MonitorSettings(features={"amount": FeatureSettings("ignored"), "plan": FeatureSettings("ignored")})
    found = ModelMonitor(settings).observe_predictions(steady(500))
    assert {feature for feature, *_ in metrics(found.windows[0])} == {""}


def test_a_drift_of_a_small_segment_is_told_as_the_segments() -> None:
    batch = steady(150_000)
    italian = np.array([country == "IT" for country in batch.segment["country"]]) & (np.arange(150_000) > 130_000)
    batch.features["amount"][italian] *= 3
    found = ModelMonitor(MonitorSettings(segments=("country",))).observe_predictions(batch)
    drift = found.drifts[0]
    assert (drift.segment, drift.kind, drift.feature) == (("country", "IT"), "data-drift", "amount")
    assert 130_000 < drift.row < 140_000
    assert {window.segment for window in found.windows} == {
        (),
        *(("country", each) for each in ("AT", "DE", "FR", "IT")),
    }


def test_what_all_traffic_shows_is_told_once() -> None:
    batch = steady(60_000)
    batch.features["amount"][50_000:] *= 3
    (drift,) = ModelMonitor(MonitorSettings(segments=("country",))).observe_predictions(batch).drifts
    assert drift.segment == ()


@pytest.mark.parametrize("lengths", [[60_000], [50_010, 7, 3, 500, 9_480]])
def test_a_drift_of_all_traffic_names_the_segments_that_carry_it(lengths: list[int]) -> None:
    batch = steady(60_000)
    german = np.array([country == "DE" for country in batch.segment["country"]]) & (np.arange(60_000) > 50_000)
    batch.features["amount"][german] *= 3
    monitor = ModelMonitor(MonitorSettings(segments=("country",)))
    drift = next(drift for drift in observed(monitor, batch, lengths).drifts if not drift.segment)
    assert drift.feature == "amount"
    assert drift.segments["country=DE"] > 0.99
    assert list(drift.segments.values()) == sorted(drift.segments.values(), reverse=True)


def test_of_many_values_of_a_tag_the_most_frequent_are_watched() -> None:
    batch = steady(3000)
    numbers = np.minimum(np.random.default_rng(0).geometric(0.15, 3000), 60)
    batch = replace(batch, segment={"shop": [f"shop {number:02}" for number in numbers]})
    found = ModelMonitor(MonitorSettings(segments=("shop",), window_size=10)).observe_predictions(batch)
    values = {window.segment[1] for window in found.windows if window.segment}
    assert len(values) == 17
    assert {"shop 01", "shop 10", "other"} <= values


def test_performance_beyond_a_bound_is_told_when_it_begins() -> None:
    generator = np.random.default_rng(0)
    rates = np.repeat([0.1, 0.4, 0.1, 0.4], 1500)
    settings = MonitorSettings(error_detectors=("adwin",), minimum_accuracy=0.85)
    found = ModelMonitor(settings).observe_errors(errors(generator.binomial(1, rates).astype(float))).drifts
    told = [drift for drift in found if drift.kind == "performance"]
    assert [(drift.row, drift.direction, drift.threshold) for drift in told] == [
        (1999, "down", 0.85),
        (4999, "down", 0.85),
    ]
    assert [drift.change_timestamp_ms for drift in told] == [15_000, 45_000]
    assert all(0.5 < drift.statistic < 0.7 for drift in told)


def test_an_error_beyond_a_bound_is_told() -> None:
    absolute = np.repeat([1.0, 5.0], 500)
    settings = MonitorSettings(error_detectors=("adwin",), maximum_mae=2.0)
    found = ModelMonitor(settings).observe_errors(errors(absolute, absolute)).drifts
    (told,) = (drift for drift in found if drift.kind == "performance")
    assert (told.direction, told.threshold, told.statistic) == ("up", 2.0, 5.0)


class TestSuccessor:
    """The monitor of the next version of a model."""

    SETTINGS = MonitorSettings(reference_size=500, segments=("country",))

    def batch(self, rows: int, begin: int = 0, **features: Floats) -> PredictionColumns:
        tagged = predictions({name: values[:rows] for name, values in features.items()})
        position, timestamp_ms = tagged.position + 3 * begin, tagged.timestamp_ms + 10 * begin
        return replace(tagged, position=position, timestamp_ms=timestamp_ms, segment={"country": ["DE"] * rows})

    def learned(self) -> ModelMonitor:
        generator = np.random.default_rng(7)
        monitor = ModelMonitor(self.SETTINGS)
        monitor.observe_predictions(self.batch(2000, amount=generator.normal(size=2000), old=generator.random(2000)))
        return monitor

    def test_knows_the_features_and_begins_everything_else(self) -> None:
        generator = np.random.default_rng(8)
        following = self.batch(300, 2000, amount=3 + generator.normal(size=300))
        found = self.learned().successor().observe_predictions(following)
        assert [(drift.kind, drift.feature) for drift in found.drifts] == [("data-drift", "amount")]
        assert found.drifts[0].row < 20
        assert ModelMonitor(self.SETTINGS).observe_predictions(following).drifts == []

    def test_a_feature_that_it_does_not_use_is_no_fault_until_it_was_there(self) -> None:
        generator = np.random.default_rng(9)
        successor = self.learned().successor()
        unused = self.batch(1000, 2000, amount=generator.normal(size=1000))
        assert successor.observe_predictions(unused).drifts == []
        successor.observe_predictions(
            self.batch(300, 3000, amount=unused.features["amount"], old=generator.random(300))
        )
        gone = successor.observe_predictions(replace(unused, position=unused.position + 9000))
        assert ("quality", "old") in [(drift.kind, drift.feature) for drift in gone.drifts]

    def test_each_goes_its_own_way(self) -> None:
        monitor, again = self.learned(), self.learned()
        successor = monitor.successor()
        successor.observe_predictions(self.batch(1000, 2000, amount=np.zeros(1000)))
        assert repr(monitor.snapshot()) == repr(again.snapshot())

    def test_segments_go_on_as_well(self) -> None:
        learned: dict[str, Any] = self.learned().snapshot()["predictions"]  # type: ignore[assignment]
        successor: dict[str, Any] = self.learned().successor().snapshot()["predictions"]  # type: ignore[assignment]
        assert successor["tags"] == learned["tags"]
        assert [each[:2] for each in successor["segments"]] == [["country", "DE"]]
