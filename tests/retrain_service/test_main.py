"""The service as a process: killed during training, it ends the retrain once when it comes back."""

import json
import signal
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest
from kafka import KafkaProducer

from driftline.stack.ports import draw_port
from driftline_schemas import ModelChange
from driftline_schemas.clickhouse import connect
from driftline_schemas.codec import encode
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.prometheus.exposition import assert_documented, metrics
from tests.retrain_service.jobs import champion_registry, labelled_rows
from tests.retrain_service.process import environment, running, wait_until
from tests.retrain_service.stored import messages, request, store

ROWS = 200


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("interruptible")
def test_killed_during_training_it_ends_the_retrain_once(
    kafka_address: str, topics: Topics, database: ClickHouseAddress, tmp_path: Path, rogue_trainers: Path
) -> None:
    registry = champion_registry(tmp_path)
    store(database, labelled_rows(ROWS, reverse=True))
    told = environment(kafka_address, topics.prefix, database, registry.root)
    told |= {"DRIFTLINE_RETRAIN_TRAINER": "slow_at_first", "PYTHONPATH": str(rogue_trainers)}
    told["DRIFTLINE_RETRAIN_PORT"] = str(port := draw_port())
    _publish(kafka_address, topics, b"not a request", encode(request(1, rows=ROWS)))
    attempts = registry.root / "runs" / "retrain-1"
    with running(told, tmp_path) as service:
        wait_until(lambda: (attempts / "attempt-1" / "output.log").exists(), service)
        jobs = psutil.Process(service.pid).children(recursive=True)
        assert jobs
        service.kill()
        service.wait()
        psutil.wait_procs(jobs, timeout=20)
        assert not any(job.is_running() for job in jobs)
    assert not (attempts / "attempt-1" / "result.json").exists()
    with running(told, tmp_path) as service:
        wait_until(lambda: _statuses(database) == ["training", "shadow"], service)
        store(database, labelled_rows(100, reverse=True), first=ROWS)
        wait_until(lambda: registry.aliases("fraud").champion == "2", service)
        wait_until(lambda: len(messages(kafka_address, topics.models.name)) == 1, service)
        wait_until(lambda: _statuses(database) == ["training", "shadow", "promoted"], service)
        wait_until(lambda: metrics(port)["driftline_retrain_steps_total"] == 2, service)  # the first was told before
        _says_what_it_did(port)
        service.send_signal(signal.SIGINT)
        assert service.wait(20) != 0
    assert [version.retrain_id for version in registry.versions("fraud")] == ["", "retrain-1"]
    assert (attempts / "attempt-2" / "result.json").exists()
    change = ModelChange.model_validate_json(messages(kafka_address, topics.models.name)[0].value)
    assert (change.action, change.version, change.previous_version) == ("promoted", "2", "1")
    (dead,) = {
        (m.value, dict(m.headers)["driftline-reason"]) for m in messages(kafka_address, topics.dead_letters.name)
    }
    assert dead == (b"not a request", b"not-json")


def _says_what_it_did(port: int) -> None:
    told = metrics(port)
    assert_documented("driftline_retrain_", told)
    assert told["driftline_retrain_training_seconds_count"] == 1
    assert told["driftline_retrain_model_changes_total"] == 1
    assert told["driftline_retrain_audit_entries"] >= 3
    assert told["driftline_retrain_audit_sound"] == told["driftline_retrain_last_round_succeeded"] == 1
    with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
        assert json.load(answer)["status"] == "ok"


def _publish(kafka: str, topics: Topics, *values: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka)
    for value in values:
        producer.send(topics.retrains.name, key=b"fraud", value=value).get(timeout=30)
    producer.close()


def _statuses(database: ClickHouseAddress) -> list[str]:
    client = connect(database)
    try:
        return [row[0] for row in client.query("SELECT status FROM retrain_steps ORDER BY sequence").result_rows]
    finally:
        client.close()
