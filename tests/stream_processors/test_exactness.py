"""A worker that is killed leaves what an undisturbed one leaves: the same rows in every table, the same alerts."""

import json
import signal
from dataclasses import replace
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer

from driftline_schemas.clickhouse import migrate
from tests.stream_processors.generated_log import Sent, generated_log
from tests.stream_processors.harness import Installation, wait_for

EVENTS = 4_000
TABLES = (
    "prediction_log",
    "prediction_index",
    "outcome_log",
    "window_log",
    "detector_log",
    "drift_log",
    "alert_log",
    "retrain_request_log",
    "dead_letter_log",
)


@pytest.mark.timeout(300)
def test_three_kills_change_nothing(installation: Installation) -> None:
    calm = replace(installation, block_records=300)
    _write(calm, generated_log(seed=7, events=EVENTS))
    with calm.worker("calm"):
        wait_for("the calm run", lambda: _all_stored(calm), 120)
    ends = calm.stored_offset("calm")

    database = replace(calm.database, database=calm.database.database + "_killed")
    migrate(database)
    killed = replace(calm, database=database)
    for share in (0.2, 0.5, 0.8):
        with killed.worker("killed") as worker:
            wait_for("progress", lambda share=share: _progress(killed, ends) >= share, 120)  # type: ignore[misc]
            worker.process.send_signal(signal.SIGKILL)
            assert worker.process.wait(10) == -signal.SIGKILL
    with killed.worker("killed"):
        wait_for("the killed run", lambda: _progress(killed, ends) >= 1, 120)

    for table in TABLES:
        assert _content(killed, table) == _content(calm, table), table
    assert _blocks(killed, ends) == _blocks(calm, ends)
    drifts = {row[0] for row in calm.query("SELECT drift_id FROM drifts")}
    assert len(drifts) > 5
    assert _ids(calm, calm.topics.drifts.name, "drift_id") == drifts
    alerts = {row[0] for row in calm.query("SELECT alert_id FROM alerts")}
    assert _ids(calm, calm.topics.alerts.name, "alert_id") == alerts
    requests = {row[0] for row in calm.query("SELECT retrain_id FROM retrain_requests")}
    assert requests
    assert _ids(calm, calm.topics.retrains.name, "retrain_id") == requests


def test_every_generated_event_is_accounted_for(installation: Installation) -> None:
    log = generated_log(seed=11, events=1_500)
    _write(installation, log)
    with installation.worker("calm"):
        wait_for("the run", lambda: _all_stored(installation), 120)
    predictions = sum(b'"prediction"' in sent.value for sent in log)
    outcomes = {json.loads(s.value)["event_id"] for s in log if s.record_type == "outcome" and b'"label"' in s.value}
    assert installation.query("SELECT count(), uniqExact(event_id) FROM predictions") == [(predictions, predictions)]
    counted = installation.query("SELECT count(), countIf(joined = 0) FROM outcome_log FINAL")
    assert counted == [(len(outcomes), 0)]
    bad = len(log) - predictions - sum(s.record_type == "outcome" and b'"label"' in s.value for s in log)
    promoted = sum(s.record_type == "model-promoted" for s in log)
    assert installation.query("SELECT count() FROM dead_letters") == [(bad - promoted,)]
    unexplained = installation.query(
        "SELECT max(last_offset) + 1 - sum(records) FROM blocks GROUP BY partition HAVING sum(records) > 0"
    )
    assert {row[0] for row in unexplained} == {0}


def _write(installation: Installation, log: list[Sent]) -> None:
    producer = KafkaProducer(bootstrap_servers=installation.kafka, acks="all", enable_idempotence=True, linger_ms=5)
    try:
        for sent in log:
            producer.send(
                installation.topics.events.name,
                key=sent.key.encode(),
                value=sent.value,
                headers=[("type", sent.record_type.encode())] if sent.record_type else [],
                partition=sent.partition,
            )
        producer.flush(timeout=60)
    finally:
        producer.close(timeout=10)


def _all_stored(installation: Installation) -> bool:
    stored = installation.stored_offset("calm")
    return all(stored.get(p, 0) >= end for p, end in installation.end_offsets().items())


def _progress(installation: Installation, ends: dict[int, int]) -> float:
    stored = installation.stored_offset("killed")
    return sum(min(stored.get(p, 0), end) for p, end in ends.items()) / sum(ends.values())


def _content(installation: Installation, table: str) -> list[Any]:
    rows = installation.query(f"SELECT toString(tuple(* EXCEPT ingested_at)) AS row FROM {table} FINAL ORDER BY row")
    return list(rows)


def _blocks(installation: Installation, ends: dict[int, int]) -> list[Any]:
    rows = installation.query("SELECT * EXCEPT ingested_at FROM block_log FINAL ORDER BY partition, first_offset")
    return [row for row in rows if row[1] < ends[row[0]]]


def _ids(installation: Installation, topic: str, field: str) -> set[str]:
    consumer = KafkaConsumer(
        topic, bootstrap_servers=installation.kafka, auto_offset_reset="earliest", consumer_timeout_ms=3_000
    )
    try:
        return {json.loads(record.value)[field] for record in consumer}
    finally:
        consumer.close()
