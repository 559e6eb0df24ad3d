"""A worker whose store takes connections and never answers says that it stands still, and goes on when it may."""

import json
import threading
from dataclasses import replace
from typing import Any

import pytest
from kafka import KafkaConsumer

from driftline_schemas.partitioner import partition_for
from tests.schemas.relay import relay
from tests.stream_processors.harness import START, Installation, prediction, wait_for

SOONER = "from driftline_stream_processors import watchdog; watchdog.STALL_SECONDS = 3.0; " + START


@pytest.mark.long
def test_a_stall_is_in_healthz_and_one_alert_and_ends(installation: Installation) -> None:
    flowing = threading.Event()
    flowing.set()
    home = partition_for("fraud", installation.topics.partitions)
    with relay(installation.database, None, flowing) as address:
        relayed = replace(installation, database=address)
        with relayed.worker(start=SOONER) as worker:
            send(installation, "before", 5)
            wait_for("stored", lambda: count(installation) == 5)
            flowing.clear()
            rounds: list[int] = []

            def stalled() -> bool:
                """One block is being stored and one is full of what came meanwhile; everything after them waits."""
                rounds.append(5)
                send(installation, f"more-{len(rounds)}", 5)
                return (worker.health() or {}).get("status") == "stalled"

            wait_for("the stall", stalled)
            health = worker.health() or {}
            (alert,) = pipeline_alerts(installation, 1)
            flowing.set()
            wait_for("the end of the stall", lambda: (worker.health() or {}).get("status") == "ok")
            wait_for("everything stored", lambda: count(installation) == 5 + sum(rounds))
    (stall,) = health["stalled"]
    assert stall["partition"] == alert["detected"]["partition"] == home
    assert stall["offset"] == alert["detected"]["offset"] > 5
    assert stall["lag"] >= 2
    assert (alert["kind"], alert["severity"]) == ("pipeline", "critical")
    assert f"[{home}] stands still at offset {stall['offset']} since " in alert["message"]
    assert pipeline_alerts(installation, 2) == [alert]


def send(installation: Installation, name: str, events: int) -> None:
    installation.send([(None, prediction(f"{name}-{n}"), "fraud") for n in range(events)])


def count(installation: Installation) -> int:
    ((found,),) = installation.query("SELECT count() FROM predictions")
    return int(found)


def pipeline_alerts(installation: Installation, at_most: int) -> list[dict[str, Any]]:
    """The alerts about the pipeline so far, up to so many."""
    consumer = KafkaConsumer(
        installation.topics.alerts.name,
        bootstrap_servers=installation.kafka,
        auto_offset_reset="earliest",
        consumer_timeout_ms=5_000,
    )
    try:
        found = []
        for record in consumer:
            found.append(json.loads(record.value))
            if len(found) == at_most:
                break
        return found
    finally:
        consumer.close()
