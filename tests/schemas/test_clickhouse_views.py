import math
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from driftline_schemas.clickhouse import insert_columns

VIEWS = {
    "predictions", "outcomes", "orphan_outcomes", "windows", "detector_values", "drifts", "alerts", "retrain_requests",
    "retrains", "retrain_steps", "model_versions", "dead_letters", "blocks", "performance_hourly", "traffic_hourly",
    "ledger", "emitters", "performance_labels", "performance_predictions", "performance_slices_hourly",
    "performance_by_segment_hourly", "performance_by_class_hourly", "performance_windows",
    "performance_by_class_windows", "calibration_hourly", "calibration_windows", "model_specs",
    "incident_steps", "incidents", "silences", "deliveries", "feature_profile_hourly", "feature_drift",
    "feature_drift_exact",
}  # fmt: skip
WINDOWS = (
    "(model = 'm', reference_from = '2026-01-01', reference_until = '2026-01-02', "
    "from = '2026-01-02', until = '2026-01-03')"
)
PARAMETERS = {
    "feature_drift": WINDOWS,
    "feature_drift_exact": WINDOWS,
    "performance_windows": "(seconds = 600, by_segment = 0)",
    "performance_by_class_windows": "(seconds = 600)",
    "calibration_windows": "(seconds = 600)",
}
HOUR_MS = 60 * 60 * 1000

pytestmark = pytest.mark.stack


def rows(client: Client, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in client.query(sql).result_rows]


def outcome(client: Client, label: str | None, offset: int, *, event_id: str = "a", **columns: Any) -> None:
    """Store one outcome; the prediction is known unless `joined` is 0."""
    row: dict[str, Any] = {
        "model": "m",
        "event_id": event_id,
        "source": "s",
        "label": label,
        "joined": 1,
        "offset": offset,
    }
    row |= {"position": offset, "label_value": math.nan, "prediction_value": math.nan, "version": "1", **columns}
    insert_columns(client, "outcome_log", {name: [value] for name, value in row.items()}, repr(row))


def test_the_views_are_there_and_can_be_read(client: Client) -> None:
    found = rows(client, "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View'")
    assert {name for (name,) in found} == VIEWS
    for name in VIEWS:
        assert rows(client, f"SELECT * FROM {name}{PARAMETERS.get(name, '')}") == []


def test_a_correction_replaces_even_when_it_is_stored_first(client: Client) -> None:
    outcome(client, "DOWN", 20)
    outcome(client, "UP", 10)
    assert rows(client, "SELECT label, offset FROM outcomes") == [("DOWN", 20)]


def test_a_label_in_force_is_one_per_source(client: Client) -> None:
    outcome(client, "UP", 10)
    outcome(client, "DOWN", 11, source="other")
    assert rows(client, "SELECT source, label FROM outcomes ORDER BY source") == [("other", "DOWN"), ("s", "UP")]


def test_a_retracted_label_is_not_seen(client: Client) -> None:
    outcome(client, "UP", 10)
    outcome(client, None, 20)
    assert rows(client, "SELECT * FROM outcomes") == []
    assert rows(client, "SELECT * FROM orphan_outcomes") == []


def test_an_orphan_that_is_joined_later_is_one_outcome(client: Client) -> None:
    outcome(client, "UP", 10, joined=0)
    assert rows(client, "SELECT event_id, label FROM orphan_outcomes") == [("a", "UP")]
    outcome(client, "UP", 10, position=30)
    assert rows(client, "SELECT * FROM orphan_outcomes") == []
    assert rows(client, "SELECT label, offset, position FROM outcomes") == [("UP", 10, 30)]


def test_a_correction_in_another_month_of_the_log_replaces(client: Client) -> None:
    outcome(client, "UP", 10, logged_at=0)
    outcome(client, "DOWN", 20, logged_at=45 * 24 * HOUR_MS)
    assert rows(client, "SELECT label FROM outcomes") == [("DOWN",)]


def test_performance_is_accuracy_of_classes_and_error_of_numbers(client: Client) -> None:
    for i, error in enumerate([0.0, 0.0, 0.0, 1.0]):
        outcome(client, "UP", i, event_id=f"c{i}", error=error, predicted_at=i, version="1")
    for i, error in enumerate([1.5, 2.5]):
        numbers = {"prediction_value": 5.0, "label_value": 5.0 + error}
        outcome(client, "7", i, event_id=f"r{i}", error=error, predicted_at=HOUR_MS, version="2", **numbers)
    found = rows(client, "SELECT version, toUnixTimestamp(hour), labels, accuracy, mae FROM performance_hourly")
    by_version = {row[0]: row[1:] for row in found}
    assert by_version["1"][:3] == (0, 4, 0.75)
    assert by_version["2"][:2] == (3600, 2)
    assert by_version["2"][3] == 2.0
    assert math.isnan(by_version["1"][3])
    assert math.isnan(by_version["2"][2])


def test_traffic_counts_an_event_once_and_leaves_out_what_was_not_reported(client: Client) -> None:
    columns: dict[str, list[Any]] = {
        "timestamp": [0, 1, HOUR_MS],
        "model": ["m"] * 3,
        "event_id": ["a", "b", "c"],
        "score": [0.5, math.nan, math.nan],
        "latency_ms": [2.0, 4.0, math.nan],
    }
    for token in ("first", "again under another token"):
        insert_columns(client, "prediction_log", columns, token)
    found = rows(client, "SELECT predictions, score_mean, latency_ms_mean FROM traffic_hourly ORDER BY hour")
    assert found[0] == (2, 0.5, 3.0)
    assert found[1][0] == 1
    assert math.isnan(found[1][1])


def test_a_retrain_shows_its_last_step(client: Client) -> None:
    for sequence, status in ((0, "accepted"), (2, "promoted"), (1, "training")):
        columns: dict[str, list[Any]] = {
            "model": ["m"],
            "retrain_id": ["r"],
            "sequence": [sequence],
            "status": [status],
        }
        insert_columns(client, "retrain_log", columns, status)
    assert rows(client, "SELECT retrain_id, status FROM retrains") == [("r", "promoted")]
    assert len(rows(client, "SELECT * FROM retrain_steps")) == 3


def test_what_is_stored_twice_is_seen_once(client: Client) -> None:
    keys = {
        "drift_log": "drift_id", "alert_log": "alert_id", "retrain_request_log": "retrain_id",
        "model_version_log": "version", "dead_letter_log": "offset", "block_log": "first_offset",
        "window_log": "window", "detector_log": "offset",
    }  # fmt: skip
    for table, key in keys.items():
        for token in ("first", "again"):
            insert_columns(client, table, {key: [7 if key in {"offset", "first_offset", "window"} else "x"]}, token)
    for view in ("drifts", "alerts", "retrain_requests", "model_versions", "dead_letters", "blocks"):
        assert len(rows(client, f"SELECT * FROM {view}")) == 1, view
    assert len(rows(client, "SELECT * FROM windows")) == 1
    assert len(rows(client, "SELECT * FROM detector_values")) == 1
