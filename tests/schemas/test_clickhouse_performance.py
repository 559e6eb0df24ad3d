"""Performance by the views: known figures of rows made by hand, and scikit-learn's of random ones."""

import dataclasses
import math
import random
import uuid
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from sklearn.metrics import brier_score_loss, log_loss, precision_recall_fscore_support, roc_auc_score

from driftline_schemas.clickhouse import connect, insert_columns
from driftline_schemas.settings import ClickHouseAddress

HOUR_MS = 60 * 60 * 1000
NAN = math.nan
LARGER, SMALLER = "ok", "fraud"
KEYS = ("tag", "value", "model", "version", "hour", "window_start", "source", "class", "score_from")

pytestmark = pytest.mark.stack


def event(event_id: str, prediction: Any, label: Any, **columns: Any) -> dict[str, Any]:
    """A prediction and its label; both texts, or both numbers."""
    return {"event_id": event_id, "prediction": prediction, "label": label, **columns}


def stored(client: Client, table: str, rows: Sequence[dict[str, Any]]) -> None:
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    insert_columns(client, table, columns, uuid.uuid4().hex)


def number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else NAN


def predict(client: Client, events: Sequence[dict[str, Any]]) -> None:
    """Store predictions as the worker does."""
    rows = [
        {
            "model": "m",
            "version": each.get("version", "1"),
            "event_id": each["event_id"],
            "timestamp": each.get("predicted_at", 0),
            "prediction": str(each["prediction"]),
            "segment": each.get("segment", {}),
            "offset": offset,
        }
        for offset, each in enumerate(events)
    ]
    stored(client, "prediction_log", rows)


def judge(client: Client, events: Sequence[dict[str, Any]], position: int = 0) -> None:
    """Store labels beside their predictions as the worker does."""
    stored(client, "outcome_log", [_judged(each, position + row) for row, each in enumerate(events)])


def _judged(given: dict[str, Any], position: int) -> dict[str, Any]:
    prediction, label = given["prediction"], given["label"]
    residual = number(prediction) - number(label)
    wrong = NAN if label is None else float(str(prediction) != str(label))
    predicted_at = given.get("predicted_at", 0)
    return {
        "model": "m",
        "version": given.get("version", "1"),
        "event_id": given["event_id"],
        "source": given.get("source", ""),
        "label": None if label is None else str(label),
        "label_value": number(label),
        "timestamp": predicted_at + given.get("delay_ms", 0),
        "predicted_at": predicted_at,
        "prediction": str(prediction),
        "prediction_value": number(prediction),
        "score": given.get("score", NAN),
        "segment": given.get("segment", {}),
        "joined": 1,
        "error": wrong if math.isnan(residual) else abs(residual),
        "offset": position,
        "position": position,
    }


def found(client: Client, view: str, names: Sequence[str] = (), where: str = "true") -> list[dict[str, Any]]:
    """Rows of a view in the order of what identifies them; some of its columns, or all."""
    rows = list(client.query(f"SELECT * FROM {view} WHERE {where}").named_results())
    rows.sort(key=lambda row: [str(row.get(key, "")) for key in KEYS])
    return [{name: row[name] for name in names} if names else dict(row) for row in rows]


def near(expected: dict[str, Any]) -> dict[str, Any]:
    """The same with room for rounding in its numbers."""
    return {
        name: pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True) if isinstance(value, (int, float)) else value
        for name, value in expected.items()
    }


def only(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    assert len(rows) == 1
    return rows[0]


def random_classes(count: int) -> list[dict[str, Any]]:
    """Events of two classes over three hours; scores with two digits, so that many are equal."""
    chance = random.Random(7)
    events = []
    for row in range(count):
        score = round(chance.uniform(0.5, 1), 2)
        prediction = chance.choice((LARGER, SMALLER))
        other = SMALLER if prediction == LARGER else LARGER
        label = prediction if chance.random() < score else other
        at = chance.randrange(3 * HOUR_MS)
        segment = {"country": chance.choice(("DE", "FR"))} if chance.random() < 0.8 else {}
        more = {"score": score, "predicted_at": at, "delay_ms": chance.randrange(10_000), "segment": segment}
        events.append(event(f"{row}", prediction, label, **more))
    return events


def test_classes_have_the_figures_of_classes(client: Client) -> None:
    events = [
        event("a", "yes", "yes", score=0.9, delay_ms=1000),
        event("b", "yes", "no", score=0.6, delay_ms=2000),
        event("c", "no", "no", score=0.8, delay_ms=3000),
        event("d", "no", "no", score=0.7, delay_ms=10_000),
    ]
    predict(client, [*events, *(event(f"unlabelled {n}", "yes", None) for n in range(4))])
    judge(client, events)
    figures = only(found(client, "performance_hourly", where="toUnixTimestamp(hour) = 0"))
    del figures["hour"]
    counts = {"model": "m", "version": "1", "source": "", "predictions": 8, "labels": 4, "coverage": 0.5}
    delays = {"delay_ms_median": 2500, "delay_ms_p95": 8950}
    loss = -sum(map(math.log, (0.9, 0.4, 0.8, 0.7))) / 4
    of_classes = {"accuracy": 0.75, "log_loss": loss, "brier": (0.01 + 0.36 + 0.04 + 0.09) / 4, "auc": 1.0}
    assert figures == near({**counts, **delays, **of_classes, "mae": NAN, "rmse": NAN, "bias": NAN})


def test_numbers_have_the_figures_of_numbers(client: Client) -> None:
    judge(client, [event("a", 5.0, 4.0), event("b", 5.0, 7.0, score=0.9), event("c", 5, 1, delay_ms=-500)])
    figures = only(found(client, "performance_hourly", ("accuracy", "log_loss", "brier", "auc", "mae", "rmse", "bias")))
    nothing = {"accuracy": NAN, "log_loss": NAN, "brier": NAN, "auc": NAN}
    assert figures == near({**nothing, "mae": 7 / 3, "rmse": math.sqrt(7), "bias": 1.0})
    assert found(client, "performance_by_class_hourly") == []


def test_a_number_whose_label_is_text_is_a_class(client: Client) -> None:
    judge(client, [event("a", 1, "1"), event("b", 1, "0")])
    assert only(found(client, "performance_hourly", ("accuracy", "mae"))) == near({"accuracy": 0.5, "mae": NAN})


def test_every_class_has_precision_recall_and_f1(client: Client) -> None:
    pairs = [("a", "a"), ("a", "a"), ("a", "b"), ("b", "b"), ("b", "a"), ("b", "c"), ("d", "a")]
    judge(client, [event(f"{row}", *pair) for row, pair in enumerate(pairs)])
    names = ("class", "support", "predicted", "correct", "precision", "recall", "f1")
    expected = [
        ("a", 4, 3, 2, 2 / 3, 0.5, 4 / 7),
        ("b", 2, 3, 1, 1 / 3, 0.5, 0.4),
        ("c", 1, 0, 0, NAN, 0.0, 0.0),
        ("d", 0, 1, 0, 0.0, NAN, 0.0),
    ]
    rows = found(client, "performance_by_class_hourly", names)
    assert len(rows) == len(expected)
    for row, values in zip(rows, expected, strict=True):
        assert row == near(dict(zip(names, values, strict=True)))


def test_random_classes_have_the_figures_of_scikit_learn(client: Client) -> None:
    events = random_classes(3000)
    judge(client, events)
    for hour in range(3):
        of_hour = [each for each in events if each["predicted_at"] // HOUR_MS == hour]
        truth = [each["label"] == LARGER for each in of_hour]
        chances = [each["score"] if each["prediction"] == LARGER else 1 - each["score"] for each in of_hour]
        expected = {
            "labels": len(of_hour),
            "log_loss": log_loss(truth, chances),
            "brier": brier_score_loss(truth, chances),
            "auc": roc_auc_score(truth, chances),
        }
        where = f"toUnixTimestamp(hour) = {hour * 3600}"
        assert only(found(client, "performance_hourly", tuple(expected), where)) == near(expected)
        _compare_classes(found(client, "performance_by_class_hourly", where=where), of_hour)


def _compare_classes(rows: Sequence[dict[str, Any]], events: Sequence[dict[str, Any]]) -> None:
    classes = [SMALLER, LARGER]
    names = ("precision", "recall", "f1", "support")
    labels, predictions = ([each[name] for each in events] for name in ("label", "prediction"))
    columns = precision_recall_fscore_support(labels, predictions, labels=classes)
    assert [row["class"] for row in rows] == classes
    for row, values in zip(rows, zip(*columns, strict=True), strict=True):
        assert {name: row[name] for name in names} == near(dict(zip(names, map(float, values), strict=True)))


@pytest.mark.parametrize(
    ("score", "expected"),
    [(1.0, -math.log(2.220446049250313e-16)), (0.0, 0.0), (1.5, NAN), (-0.1, NAN), (NAN, NAN)],
)
def test_a_wrong_class_costs_by_its_score_if_that_is_a_probability(
    client: Client, score: float, expected: float
) -> None:
    judge(client, [event("a", "yes", "no", score=score)])
    found_loss = only(found(client, "performance_hourly", ("log_loss", "brier")))
    brier = NAN if math.isnan(expected) else score**2
    assert found_loss == near({"log_loss": expected, "brier": brier})


def test_scores_are_compared_with_what_came_true(client: Client) -> None:
    sure = [event(f"sure {row}", "yes", "yes" if row < 6 else "no", score=0.95) for row in range(8)]
    unsure = [event("a", "yes", "no", score=0.5), event("b", "no", "no", score=0.58)]
    judge(client, [*sure, *unsure, event("certain", "no", "no", score=1.0), event("no score", "no", "yes")])
    names = ("score_from", "labels", "mean_score", "accuracy", "expected_calibration_error")
    mean = (8 * 0.95 + 1) / 9
    error = (2 * (0.54 - 0.5) + 9 * (mean - 7 / 9)) / 11
    expected = [(0.5, 2, 0.54, 0.5, error), (0.9, 9, mean, 7 / 9, error)]
    rows = found(client, "calibration_hourly", names)
    assert rows == [near(dict(zip(names, values, strict=True))) for values in expected]


@pytest.mark.parametrize(
    "pairs",
    [
        pytest.param([("yes", "yes"), ("no", "no"), ("yes", "maybe")], id="a third class is true"),
        pytest.param([("yes", "yes"), ("no", "no"), ("maybe", "no")], id="a third class is predicted"),
        pytest.param([("yes", "yes"), ("yes", "yes")], id="one class"),
        pytest.param([("yes", "yes"), ("no", "yes")], id="one class is true"),
    ],
)
def test_there_is_no_roc_curve_but_of_two_classes(client: Client, pairs: list[tuple[str, str]]) -> None:
    judge(client, [event(f"{row}", *pair, score=0.8) for row, pair in enumerate(pairs)])
    assert math.isnan(only(found(client, "performance_hourly"))["auc"])


def test_a_class_without_score_does_not_spoil_the_roc_curve_of_the_others(client: Client) -> None:
    scored = [event("a", "yes", "yes", score=0.8), event("b", "no", "no", score=0.6)]
    judge(client, [*scored, event("c", "yes", "maybe"), event("d", "yes", "no", score=7.0)])
    assert only(found(client, "performance_hourly", ("labels", "auc"))) == {"labels": 4, "auc": 1.0}


def test_every_tag_has_figures_of_its_own(client: Client) -> None:
    german, french = {"country": "DE", "tier": "1"}, {"country": "FR"}
    events = [
        event("a", "yes", "yes", segment=german),
        event("b", "yes", "no", segment=german),
        event("c", "yes", "yes", segment=french),
        event("d", "yes", "yes"),
    ]
    predict(client, [*events, event("e", "yes", None, segment=french)])
    judge(client, events)
    names = ("predictions", "labels", "coverage", "accuracy")
    assert only(found(client, "performance_hourly", names)) == near(dict(zip(names, (5, 4, 0.8, 0.75), strict=True)))
    expected = [
        ("country", "DE", 2, 2, 1.0, 0.5),
        ("country", "FR", 2, 1, 0.5, 1.0),
        ("tier", "1", 2, 2, 1.0, 0.5),
    ]
    assert [
        tuple(row.values()) for row in found(client, "performance_by_segment_hourly", ("tag", "value", *names))
    ] == expected


def test_every_source_has_a_row(client: Client) -> None:
    events = [event("a", "yes", "yes", source="books"), event("b", "yes", "no", source="books")]
    predict(client, events)
    judge(client, [*events, event("a", "yes", "no", source="people")])
    names = ("source", "predictions", "labels", "coverage", "accuracy")
    rows = found(client, "performance_hourly", names)
    assert [tuple(row.values()) for row in rows] == [("books", 2, 2, 1.0, 0.5), ("people", 2, 1, 0.5, 0.0)]


def test_late_corrected_and_retracted_labels_restate_the_past(client: Client) -> None:
    def performance() -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in found(client, "performance_hourly", ("labels", "accuracy"))]

    predict(client, [event("a", "yes", None), event("b", "yes", None)])
    judge(client, [event("a", "yes", "yes")], 10)
    assert performance() == [(1, 1.0)]
    judge(client, [event("b", "yes", "yes", delay_ms=90 * 24 * HOUR_MS)], 20)
    assert performance() == [(2, 1.0)]
    judge(client, [event("a", "yes", "no")], 30)
    assert performance() == [(2, 0.5)]
    judge(client, [event("b", "yes", None)], 40)
    assert performance() == [(1, 0.0)]
    judge(client, [event("a", "yes", None)], 50)
    assert performance() == []


def test_coverage_is_not_known_once_the_predictions_are_deleted(client: Client) -> None:
    judge(client, [event("a", "yes", "yes")])
    names = ("predictions", "labels", "coverage", "accuracy")
    expected = {"predictions": 0, "labels": 1, "coverage": NAN, "accuracy": 1.0}
    assert only(found(client, "performance_hourly", names)) == near(expected)


def test_a_window_may_have_any_length(client: Client) -> None:
    minute = 60_000
    events = [event(f"{m}", "yes", label, predicted_at=m * minute) for m, label in ((0, "yes"), (6, "no"), (7, "yes"))]
    predict(client, events)
    judge(client, events)
    names = ("predictions", "labels", "accuracy")
    rows = found(client, "performance_windows(seconds = 420, by_segment = 0)", ("window_start", *names))
    assert [(row["window_start"].replace(tzinfo=UTC).timestamp(), row["labels"], row["accuracy"]) for row in rows] == [
        (0, 2, 0.5),
        (420, 1, 1.0),
    ]
    day = only(found(client, "performance_windows(seconds = 86400, by_segment = 0)", names))
    assert day == near({"predictions": 3, "labels": 3, "accuracy": 2 / 3})


def test_windows_of_an_hour_are_the_hours(client: Client) -> None:
    events = random_classes(500)
    predict(client, events)
    judge(client, [*events, *(event(f"n{row}", row % 7, row % 5, version="2") for row in range(100))])
    pairs = [
        ("performance_windows(seconds = 3600, by_segment = 0)", "performance_hourly", {"tag", "value"}),
        ("performance_windows(seconds = 3600, by_segment = 1)", "performance_by_segment_hourly", set()),
        ("performance_by_class_windows(seconds = 3600)", "performance_by_class_hourly", set()),
        ("calibration_windows(seconds = 3600)", "calibration_hourly", set()),
    ]
    for windows, hourly, more in pairs:
        expected = found(client, hourly)
        assert expected
        for row, hour in zip(found(client, windows), expected, strict=True):
            row["hour"] = row.pop("window_start")
            assert {name: value for name, value in row.items() if name not in more} == near(hour)


def test_the_views_can_be_read_from_another_database(client: Client, database: ClickHouseAddress) -> None:
    judge(client, [event("a", "yes", "yes", score=0.9, segment={"country": "DE"})])
    views = (
        "performance_hourly",
        "performance_by_segment_hourly",
        "performance_by_class_hourly",
        "performance_windows(seconds = 60, by_segment = 0)",
        "performance_by_class_windows(seconds = 60)",
        "calibration_hourly",
        "calibration_windows(seconds = 60)",
    )
    with closing(connect(dataclasses.replace(database, database="default"))) as stranger:
        for view in views:
            assert len(found(stranger, f"{database.database}.{view}")) == 1
