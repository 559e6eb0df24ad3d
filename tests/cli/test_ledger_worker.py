"""What a real worker makes of a mixed log is explained to the last record, and a lossy emitter is named."""

import json
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from typer.testing import CliRunner, Result

from driftline.main import app
from driftline_producers import InferenceLogger
from driftline_schemas import EmitterReport, codec
from driftline_schemas.partitioner import partition_for
from tests.stream_processors.harness import Installation, outcome, prediction, wait_for

HOME = partition_for("fraud", 4)
AWAY = (HOME + 1) % 4

pytestmark = pytest.mark.stack


def driftline(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def account() -> dict[str, Any]:
    result = driftline("ledger", "--json")
    assert result.stdout, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def drained(document: dict[str, Any]) -> bool:
    return all(partition["in_flight"] == 0 for partition in document["partitions"])


class Emitter:
    """A client of its own making, which says what it sent."""

    def __init__(self, installation: Installation, name: str) -> None:
        self._installation = installation
        self._name = name
        self.sent = 0

    def send(self, kind: str, value: bytes, events: int, partition: int | None = None) -> None:
        headers = {"type": kind, "emitter": self._name, "events": str(events)}
        self._append(headers, value, partition)
        self.sent += events

    def report(self, lost: int = 0) -> None:
        sent = self.sent + lost
        report = EmitterReport(model="fraud", emitter=self._name, timestamp_ms=1, logged=sent + 2, sent=sent,
                               dropped={"queue-full": 1}, queued=1)  # fmt: skip
        self._append({"type": "emitter-report"}, codec.encode(report), None)

    def _append(self, headers: dict[str, str], value: bytes, partition: int | None) -> None:
        producer = KafkaProducer(bootstrap_servers=self._installation.kafka)
        producer.send(
            self._installation.topics.events.name,
            key=b"fraud",
            value=value,
            partition=partition,
            headers=[(name, text.encode()) for name, text in headers.items()],
        ).get(30)
        producer.close()


def batch(name: str, events: int) -> bytes:
    columns = {"event_id": [f"{name}-{n}" for n in range(events)], "features": {"x": [0.5] * events}}
    return json.dumps({"model": "fraud", "timestamp_ms": 1, "prediction": "ok", **columns}).encode()


def mixed_log(installation: Installation) -> tuple[Emitter, Emitter]:
    """Batches and single events, in the right partition and in a wrong one, repeated, and unreadable."""
    honest, lossy = Emitter(installation, "honest"), Emitter(installation, "lossy")
    installation.send([(None, prediction(f"a{n}"), "fraud") for n in range(100)])
    honest.send("prediction-batch", batch("b", 30), 30)
    lossy.send("prediction-batch", batch("c", 20), 20)
    honest.send("prediction-batch", batch("b", 30), 30)
    honest.send("prediction-batch", batch("d", 10), 10, partition=AWAY)
    honest.send("prediction-batch", b"{not json", 5)
    honest.send("prediction-batch", batch("none", 0), 0)
    installation.send([("outcome", outcome(f"a{n}", "ok"), "fraud") for n in range(50)])
    installation.send([("outcome", outcome("never", "ok"), "fraud"), ("gossip", b"{}", None), (None, b"", "churn")])
    installation.send([("outcome", outcome("a1", "ok"), "fraud")], partition=AWAY)
    return honest, lossy


@pytest.mark.timeout(300)
def test_every_record_and_event_is_explained_and_the_lossy_emitter_named(installation: Installation) -> None:
    honest, lossy = mixed_log(installation)
    with installation.worker("worker"):
        with InferenceLogger("fraud", kafka=installation.kafka, topic_prefix=installation.topics.prefix) as logger:
            for n in range(300):
                logger.outcome(logger.log({"x": n / 300}, "ok"), "ok")
        wait_for("everything stored", lambda: drained(account()))
        honest.report()
        lossy.report()
        wait_for("the reports", lambda: all(emitter["reported_at"] for emitter in account()["emitters"]))
        wait_for("everything stored again", lambda: drained(account()))
        explained = driftline("ledger", "--json")
        lossy.report(lost=3)
        wait_for("the loss", lambda: account()["unexplained"] == 3)
        named = driftline("ledger")
    assert explained.exit_code == 0, explained.output
    document = json.loads(explained.stdout)
    assert (document["unexplained"], document["faults"]) == (0, [])
    for partition in document["partitions"]:
        assert sum(partition["kinds"].values()) == partition["records"] == partition["stored_offset"]
    home, away = document["partitions"][HOME], document["partitions"][AWAY]
    assert (away["kinds"]["forwarded"], away["taken_over"]) == (2, 2)
    assert home["event_kinds"] == {"predictions": 460, "outcomes": 351, "repeated": 31, "orphans": 1}
    assert sum(partition["kinds"]["dead_letters"] for partition in document["partitions"]) >= 3
    by_name = {emitter["emitter"]: emitter for emitter in document["emitters"]}
    assert by_name["honest"]["sent"] == by_name["honest"]["arrived"] == 75
    assert (by_name["honest"]["repeated"], by_name["honest"]["dead_letters"], by_name["honest"]["forwarded"]) == (
        30, 5, 10)  # fmt: skip
    (ours,) = set(by_name) - {"honest", "lossy"}
    assert by_name[ours]["logged"] == by_name[ours]["sent"] == by_name[ours]["arrived"] == 600
    assert named.exit_code == 1
    assert "lossy of model fraud: Kafka confirmed 3 events to it" in " ".join(named.stdout.split())


@pytest.mark.timeout(300)
def test_records_that_retention_deleted_before_a_worker_came_are_named(installation: Installation) -> None:
    def send(name: str, events: int) -> None:
        installation.send([(None, prediction(f"{name}{n}"), "fraud") for n in range(events)])

    send("before", 20)
    with installation.worker("worker"):
        wait_for("everything stored", lambda: drained(account()))
    stored = account()["partitions"][HOME]["stored_offset"]
    send("lost", 30)
    admin = KafkaAdminClient(bootstrap_servers=installation.kafka)
    admin.delete_records({TopicPartition(installation.topics.events.name, HOME): stored + 30})
    admin.close()
    send("after", 5)
    with installation.worker("worker"):
        wait_for("everything stored", lambda: drained(account()))
        result = driftline("ledger")
    assert result.exit_code == 1
    assert f"partition {HOME}: 30 records were deleted by Kafka's retention" in " ".join(result.stdout.split())
    assert result.stdout.splitlines()[-1] == "unexplained: 30"
    assert installation.query("SELECT count() FROM predictions") == [(25,)]
