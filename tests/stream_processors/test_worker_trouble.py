"""What comes never stops a worker; what does, it tells."""

import asyncio
import json

from aiokafka import AIOKafkaProducer

from driftline_schemas.clickhouse import connect
from driftline_schemas.partitioner import partition_for
from driftline_schemas.topics import MAX_MESSAGE_BYTES
from tests.stream_processors.harness import START, Installation, outcome, prediction, wait_for


def test_extreme_and_hostile_records_stop_nobody(installation: Installation) -> None:
    huge, last_ms = 2**63, 253_402_300_799_999
    report = {"model": "fraud", "emitter": "x", "timestamp_ms": 1}
    records = [
        (None, prediction("first", timestamp_ms=0), {}),
        (None, prediction("last", timestamp_ms=last_ms, score=-1.7e308, latency_ms=1.7e308, prediction=1.7e308), {}),
        ("outcome", outcome("last", -1.7e308, timestamp_ms=last_ms), {}),
        ("emitter-report", json.dumps({**report, "logged": huge - 1, "sent": huge - 1}).encode(), {}),
        ("emitter-report", json.dumps({**report, "logged": 10**30, "sent": 1}).encode(), {}),
        ("emitter-report", json.dumps({**report, "logged": 1, "sent": 1, "dropped": {"x": -1}}).encode(), {}),
        (None, prediction("far"), {"driftline-origin": f"70000:{huge}", "emitter": "\0" * 300, "events": "9" * 30}),
        (None, prediction("digits"), {"driftline-replay": "1:" + "9" * 5000, "driftline-origin": "²:1"}),
        (None, prediction("end"), {}),
    ]
    with installation.worker() as worker:
        for record_type, value, headers in records:
            installation.send([(record_type, value, "fraud")], headers=headers)
        wait_for("everything stored", lambda: installation.records_stored() == len(records))
        assert worker.process.poll() is None
    stored = {row[0] for row in installation.query("SELECT event_id FROM predictions")}
    assert stored == {"first", "last", "far", "digits", "end"}
    assert installation.query("SELECT reason, count() FROM dead_letters GROUP BY reason") == [("invalid-field", 2)]
    assert installation.query("SELECT sum(length(taken_over)) FROM blocks") == [(0,)]


def test_a_record_that_another_header_would_make_too_long_is_dead_lettered(installation: Installation) -> None:
    home = partition_for("fraud", installation.topics.partitions)
    away = (home + 1) % installation.topics.partitions
    value = prediction("long")
    header = b"x" * (MAX_MESSAGE_BYTES - len(value) - 80)  # kafka-python would count its record as longer than it is

    async def send() -> None:
        async with AIOKafkaProducer(bootstrap_servers=installation.kafka, max_request_size=8 * 1024 * 1024) as producer:
            await producer.send_and_wait(
                installation.topics.events.name, value, partition=away, headers=[("h", header)]
            )

    asyncio.run(send())
    installation.send([(None, prediction("next"), None)], away)
    with installation.worker():
        wait_for("both, and the next one at home", lambda: installation.records_stored() == 3)
    assert installation.query("SELECT partition, offset, reason FROM dead_letters") == [(away, 0, "too-large")]


def test_a_worker_that_is_told_to_stop_ends_whatever_its_threads_do(installation: Installation) -> None:
    lingering = "import threading; threading.Thread(target=threading.Event().wait).start(); "
    with installation.worker(start=lingering + START) as worker:
        wait_for("the worker answers", lambda: worker.health() is not None)
        worker.process.terminate()
        assert worker.process.wait(timeout=60) == 0


def test_a_tampered_snapshot_ends_the_worker_which_says_what_to_do(installation: Installation) -> None:
    with installation.worker():
        installation.send([(None, prediction("a"), "fraud")])
        wait_for("a snapshot", lambda: sum(installation.stored_offset().values()) > 0)
    client = connect(installation.database)
    client.command(
        "INSERT INTO snapshot (pipeline, partition, next_offset, format, state, sha256) "
        "WITH char(bitXor(reinterpretAsUInt8(substring(state, 61, 1)), 1)) AS another "
        "SELECT pipeline, partition, next_offset + 1, format, "
        "concat(substring(state, 1, 60), another, substring(state, 62)), sha256 FROM snapshot"
    )
    client.close()
    with installation.worker() as worker:
        assert worker.process.wait(60) == 1
    home = partition_for("fraud", installation.topics.partitions)
    said = (installation.folder / "worker-test.log").read_text()
    assert f"cannot go on with {installation.topics.events.name}[{home}]: the snapshot is damaged; delete" in said
