"""What any client writes is stored, judged, or dead-lettered with its reason; nothing stops the worker."""

import json

from kafka import KafkaConsumer

from driftline_schemas.partitioner import partition_for
from driftline_schemas.topics import MAX_MESSAGE_BYTES
from tests.stream_processors.harness import Installation, outcome, prediction, wait_for

BAD = {
    "not-json": (None, b"{not json"),
    "invalid-field": (None, b'{"event_id": "x", "model": "fraud", "timestamp_ms": "soon", "features": {}}'),
    "unknown-type": ("telemetry", b"{}"),
    "too-large": (None, b'{"a":"' + b"x" * (MAX_MESSAGE_BYTES - 110) + b'"}'),
}


def test_a_foreign_client_is_understood(installation: Installation) -> None:
    records: list[tuple[str | None, bytes, str]] = [(None, prediction(f"e{n}"), "fraud") for n in range(20)]
    records += [("outcome", outcome(f"e{n}", "ok" if n % 2 else "fraud"), "fraud") for n in range(20)]
    records += [(record_type, value, "fraud") for record_type, value in BAD.values()]
    records += [(None, b"[" * 100_000, "fraud"), (None, prediction("nan").replace(b"1.0", b"NaN"), "fraud")]
    records += [(None, prediction("deep", features={"a": {"b": 1}}), "fraud"), ("prediction", b"", "fraud")]
    with installation.worker() as worker:
        installation.send(records)
        wait_for("everything stored", lambda: installation.records_stored() == len(records))
        health = worker.health()
    assert health is not None
    assert health["status"] == "ok"
    assert installation.query("SELECT count(), uniqExact(event_id) FROM predictions") == [(20, 20)]
    assert installation.query("SELECT count(), sum(error) FROM outcomes") == [(20, 10)]
    reasons = {row[0]: row[1] for row in installation.query("SELECT reason, count() FROM dead_letters GROUP BY 1")}
    assert reasons == {"not-json": 4, "invalid-field": 2, "unknown-type": 1, "too-large": 1}
    letters = _dead_letters(installation, 8)
    assert {value for _, value in BAD.values()} <= {value for _, value, _ in letters}
    assert {key for key, _, _ in letters} == {b"fraud"}
    assert {headers["driftline-reason"] for _, _, headers in letters} == set(reasons)
    total = installation.query(
        "SELECT sum(records) - sum(predictions + outcomes + dead_letters + forwarded + duplicates + ticks + controls) "
        "FROM blocks"
    )
    assert total == [(0,)]


def test_records_in_a_foreign_partition_are_taken_home_once(installation: Installation) -> None:
    home = partition_for("fraud", installation.topics.partitions)
    away = (home + 1) % installation.topics.partitions
    installation.send([(None, prediction(f"e{n}"), None) for n in range(10)], partition=away)
    with installation.worker():
        wait_for("stored", lambda: installation.stored_offset().get(home, 0) >= 10)
    assert installation.query("SELECT DISTINCT partition FROM predictions") == [(home,)]
    with installation.worker("again"):  # reads the same log from its beginning and forwards everything again
        wait_for(
            "read again",
            lambda: installation.stored_offset("again").get(home, 0) >= installation.stored_offset().get(home, 0) + 10,
        )
    assert installation.query("SELECT count() FROM predictions") == [(10,)]
    assert installation.query("SELECT sum(duplicates) >= 10 FROM blocks") == [(True,)]


def test_outcomes_find_predictions_of_earlier_blocks_and_wait_for_later_ones(installation: Installation) -> None:
    with installation.worker():
        installation.send([(None, prediction("old", prediction=3.0), "fraud")])
        wait_for("stored", lambda: installation.query("SELECT count() FROM predictions")[0][0] == 1)
        installation.send(
            [
                ("outcome", outcome("old", 1.0), "fraud"),
                ("outcome", outcome("new", True), "fraud"),
            ]
        )
        wait_for("orphan kept", lambda: installation.query("SELECT count() FROM orphan_outcomes")[0][0] == 1)
        installation.send([(None, prediction("new", prediction=True, version="2"), "fraud")])
        wait_for("joined", lambda: installation.query("SELECT count() FROM outcomes")[0][0] == 2)
    rows = installation.query("SELECT event_id, version, prediction, label, error FROM outcomes ORDER BY event_id")
    assert rows == [("new", "2", "true", "true", 0.0), ("old", "", "3", "1", 2.0)]
    assert installation.query("SELECT count() FROM orphan_outcomes") == [(0,)]


def test_batches_are_the_same_as_single_events(installation: Installation) -> None:
    batch = {
        "model": "fraud",
        "version": "3",
        "event_id": ["a", "b"],
        "timestamp_ms": 1_763_870_000_000,
        "features": {"amount": [12.5, None], "country": ["DE", "FR"], "returning": True},
        "prediction": ["ok", "fraud"],
    }
    labels = {"model": "fraud", "event_id": ["a", "b"], "label": ["ok", "ok"], "timestamp_ms": 1_763_873_600_000}
    with installation.worker():
        installation.send(
            [
                ("prediction-batch", json.dumps(batch).encode(), "fraud"),
                ("outcome-batch", json.dumps(labels).encode(), "fraud"),
            ]
        )
        wait_for("the block", lambda: installation.query("SELECT sum(joined) FROM blocks")[0][0] == 2)
    rows = installation.query(
        "SELECT event_id, isNaN(features['amount']), features['returning'], categories['country'], prediction, row "
        "FROM predictions ORDER BY event_id"
    )
    assert rows == [("a", False, 1.0, "DE", "ok", 0), ("b", True, 1.0, "FR", "fraud", 1)]
    assert installation.query("SELECT sum(error) FROM outcomes") == [(1.0,)]


def _dead_letters(installation: Installation, count: int) -> list[tuple[bytes | None, bytes, dict[str, str]]]:
    consumer = KafkaConsumer(
        installation.topics.dead_letters.name,
        bootstrap_servers=installation.kafka,
        auto_offset_reset="earliest",
        consumer_timeout_ms=20_000,
        fetch_max_bytes=64 * 1024 * 1024,
    )
    letters = []
    try:
        for record in consumer:
            headers = {key: value.decode() for key, value in record.headers}
            letters.append((record.key, record.value, headers))
            if len(letters) == count:
                break
    finally:
        consumer.close()
    return letters
