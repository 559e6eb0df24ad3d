"""Two notifiers on one installation: one works, the other stands by; nothing is told twice, nothing is lost."""

import functools
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from driftline.errors import INTERRUPTED
from driftline.topics import create_topics
from driftline_alerting.lease import SESSION_SECONDS, Lease
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.alerting.alerts import alert
from tests.alerting.notices import settings
from tests.alerting.process import Notifier, running_notifier, write_configuration
from tests.alerting.receivers import OK, Answer, Receiver, Request, receiver
from tests.alerting.world import World
from tests.stream_processors.harness import wait_for

Two = tuple[Notifier, Notifier]
"""The one that works, and the one that stands by."""


@pytest.fixture
def world(kafka_address: str, topics: Topics, database: ClickHouseAddress) -> Iterator[World]:
    with closing(World(kafka_address, topics, database)) as made:
        yield made


@pytest.fixture
def pager(tmp_path: Path) -> Iterator[Receiver]:
    with receiver() as served:
        write_configuration(tmp_path, pager=served)
        yield served


@pytest.fixture
def two(world: World, pager: Receiver, tmp_path: Path) -> Iterator[Two]:
    variables = world.environment
    with running_notifier(variables, tmp_path) as one, running_notifier(variables, tmp_path) as other:
        wait_for("one to work", lambda: one.is_ok() or other.is_ok())
        wait_for("one to stand by", lambda: one.stands_by() or other.stands_by())
        yield (one, other) if other.stands_by() else (other, one)


def send(world: World, first: int, count: int) -> list[str]:
    """Alerts about models of their own: each opens an incident of its name."""
    names = [f"a{number}" for number in range(first, first + count)]
    world.send(*(alert(name, model=f"model-{name}", drift_ids=[]) for name in names))
    return names


def told(pager: Receiver) -> list[str]:
    return [each.headers["ce-subject"] for each in pager.requests]


def assert_each_once(world: World, names: list[str]) -> None:
    assert Counter(incident for (incident,) in world.steps("incident_id")) == Counter(names)
    assert Counter(each.incident_id for each in world.notices()) == Counter(names)


def test_the_second_takes_over_when_the_first_is_killed(two: Two, world: World, pager: Receiver) -> None:
    working, other = two
    wait_for("it to be said", lambda: "another notifier works: this one stands by" in other.log.read_text())
    names = send(world, 0, 20)
    wait_for("some to be told", lambda: len(told(pager)) > 5)
    working.process.kill()
    names += send(world, 20, 20)
    wait_for("all to be told", lambda: set(told(pager)) == set(names))
    wait_for("the other's work", other.is_ok)
    assert "this one works from now on" in other.log.read_text()
    assert_each_once(world, names)
    assert len(told(pager)) - len(names) <= 1  # what the receiver was just confirming


@pytest.mark.usefixtures("interruptible")
def test_the_second_takes_over_at_once_when_the_first_ends(two: Two, world: World, pager: Receiver) -> None:
    working, other = two
    names = send(world, 0, 20)
    wait_for("some to be told", lambda: len(told(pager)) > 5)
    working.process.send_signal(signal.SIGTERM)
    names += send(world, 20, 20)
    assert working.process.wait(30) == INTERRUPTED
    wait_for("the other's work", other.is_ok, SESSION_SECONDS - 1)
    wait_for("all to be told", lambda: set(told(pager)) == set(names))
    assert_each_once(world, names)
    assert sorted(told(pager)) == sorted(names)


def test_one_that_was_stopped_finds_itself_replaced(two: Two, world: World, pager: Receiver) -> None:
    working, other = two
    held = {"a0": threading.Event(), "a2": threading.Event()}

    def answer(request: Request) -> Answer:
        if held_until := held.get(request.headers["ce-subject"]):
            held_until.wait(60)
        return OK

    pager.answer = answer
    names = send(world, 0, 20)
    wait_for("all to be published", lambda: len(world.notices()) == len(names))
    held["a0"].set()  # it now fetches all others at once
    wait_for("the third to be sent", lambda: told(pager) == names[:3])
    working.process.send_signal(signal.SIGSTOP)
    try:
        held["a2"].set()
        wait_for("the other's work", other.is_ok)
        wait_for("all to be told", lambda: told(pager)[3:] == names[2:])  # the third again: its confirmation was lost
    finally:
        working.process.send_signal(signal.SIGCONT)
    wait_for("it to find that", lambda: "the lease is lost" in working.log.read_text())
    assert working.stands_by()
    names += send(world, 20, 5)
    wait_for("all to be told", lambda: told(pager)[-1] == names[-1])
    assert_each_once(world, names)
    assert told(pager)[3:] == names[2:]


@pytest.mark.parametrize("partitions", [4, 12])
def test_who_has_the_lease_keeps_it_while_others_come_and_go(
    partitions: int, kafka_address: str, database: ClickHouseAddress
) -> None:
    topics = Topics(prefix=f"lease-{os.urandom(6).hex()}.", partitions=partitions)
    create_topics(kafka_address, topics)
    installation = settings(kafka_address, topics, database)
    with Lease(installation) as first:
        first.wait()
        for _ in range(2):
            with Lease(installation) as other:
                wait_for("its place", functools.partial(has_its_place, other))
                assert (first.is_held(), other.is_held()) == (True, False)
            assert first.is_held()
        with Lease(installation) as last:
            wait_for("its place", functools.partial(has_its_place, last))
            first.end()
            wait_for("the last to have it", last.is_held, SESSION_SECONDS - 1)


def has_its_place(lease: Lease) -> bool:
    return lease.stands_by or lease.is_owned
