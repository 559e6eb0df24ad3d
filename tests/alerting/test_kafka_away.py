"""Kafka stops and comes back while the notifier delivers: nothing is lost or told twice, and nobody has to help."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from driftline.topics import create_topics
from driftline_schemas.clickhouse import connect
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.alerting.alerts import alert
from tests.alerting.process import running_notifier, write_configuration
from tests.alerting.receivers import OK, Answer, Receiver, Request, receiver
from tests.alerting.world import World
from tests.broker import Broker
from tests.schemas.relay import relay
from tests.stream_processors.harness import wait_for

TOPICS = Topics(prefix="away.")


class Gate(threading.Event):
    """Lets what arrives go on while it is set, and knows whether something waits."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        if not self.is_set():
            self.reached.set()
        return super().wait(timeout)


@pytest.fixture
def pager() -> Iterator[Receiver]:
    with receiver() as served:
        yield served


@pytest.fixture
def desk() -> Iterator[Receiver]:
    with receiver() as served:
        yield served


def told(*receivers: Receiver) -> list[list[str]]:
    """The incidents that each was told of, in order."""
    return [[each.headers["ce-subject"] for each in one.requests] for one in receivers]


def send(world: World, *names: str) -> None:
    """An alert of each name, about a model of its own: each opens the incident of its name. No retrain remedies it."""
    world.send(*(alert(name, "latency", model=f"model-{name}", drift_ids=[]) for name in names))


def rows(store: Client, columns: str, table: str) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in store.query(f"SELECT {columns} FROM {table}").result_rows}


def test_kafka_stops_and_comes_back(
    pager: Receiver, desk: Receiver, database: ClickHouseAddress, tmp_path: Path
) -> None:
    broker, storing, desks_answer = Broker(tmp_path / "broker"), Gate(), threading.Event()
    write_configuration(tmp_path, pager=pager, desk=desk)
    storing.set()

    def answer_late(_: Request) -> Answer:
        desks_answer.wait(60)
        return OK

    with ExitStack() as stack:
        store = stack.enter_context(connect(database))
        relayed = stack.enter_context(relay(database, None, storing))
        with broker.running():
            create_topics(broker.address, TOPICS)
            variables = World.variables(broker.address, TOPICS, relayed)
            notifier = stack.enter_context(running_notifier(variables, tmp_path))
            wait_for("its work", notifier.is_ok)
            with closing(World(broker.address, TOPICS, database)) as world:
                send(world, "a")
                wait_for("a to be told", lambda: told(pager, desk) == [["a"]] * 2)

                # Kafka goes while a channel waits for its receiver, and while the notifier takes an alert.
                desk.answer = answer_late
                send(world, "b")
                wait_for("b at the desk", lambda: told(desk) == [["a", "b"]])
                stored = {("a", "pager"), ("a", "desk"), ("b", "pager")}
                wait_for(
                    "what is told to be stored", lambda: rows(store, "incident_id, channel", "deliveries") == stored
                )
                storing.clear()
                send(world, "c")
                wait_for("c to be taken", storing.reached.is_set)

        # What is confirmed or stored now, Kafka cannot be told.
        storing.set()
        desks_answer.set()
        wait_for("what is wrong to be said", lambda: notifier.health()[0] == 503)
        _, document = notifier.health()
        assert document["status"] == "degraded"
        assert f"Kafka at {broker.address} does not answer" in document["error"]
        wait_for("b to be confirmed", lambda: ("b", "desk") in rows(store, "incident_id, channel", "deliveries"))
        wait_for("c to be stored", lambda: ("c",) in rows(store, "incident_id", "incident_steps"))
        wait_for("the first try to publish c to be given up", lambda: "publishing failed" in notifier.log.read_text())
        assert notifier.process.poll() is None

        with broker.running(), closing(World(broker.address, TOPICS, database)) as world:
            send(world, "d", "e", "f")
            wait_for("all to be told", lambda: [{*names} for names in told(pager, desk)] == [{*"abcdef"}] * 2)
            wait_for("its work", notifier.is_ok)
            send(world, "g")
            everything = [*"abcdefg"]
            wait_for("g to be told", lambda: [names[-1] for names in told(pager, desk)] == ["g", "g"])
            assert told(pager, desk) == [everything] * 2
            assert sorted(world.steps("incident_id, step, alerts")) == [(name, "opened", 1) for name in everything]
            assert [each.incident_id for each in world.notices()] == everything
            assert notifier.health()[0] == 200
            assert notifier.process.poll() is None
