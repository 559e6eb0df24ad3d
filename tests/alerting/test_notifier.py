"""The notifier on Apache Kafka and ClickHouse's engine."""

import functools
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from driftline_alerting.main import now_ms
from driftline_schemas import ModelSpec
from driftline_schemas.clickhouse import insert_columns
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.alerting.alerts import action, alert, drift, minute, promoted, silence
from tests.alerting.world import Fuse, Killed, World

PROGRAM = """
import os
from driftline_alerting.configuration import Configuration
from driftline_alerting.main import run
from driftline_schemas.settings import Settings
run(Settings.from_environment(os.environ), Configuration())
"""


@pytest.fixture
def world(kafka_address: str, topics: Topics, database: ClickHouseAddress) -> Iterator[World]:
    with closing(World(kafka_address, topics, database)) as made:
        yield made


def test_from_the_alert_to_its_end(world: World) -> None:
    _specify(world, owner="risk team")
    first, errors = (
        alert("a", "data-drift", "amount", since=0, seen=5),
        alert("b", "concept-drift", since=1, seen=9, drift_ids=[]),
    )
    world.send(drift(first, contributions={"amount": 0.8, "": 0.2}), first, errors)
    with world.notifier() as settle:
        settle()
        world.send(action("1", "a", "acknowledge", comment="looking"))
        settle()
        _retrain(world, 0, "training", "on 150 rows")
        while not world.steps("step", "step = 'remedy'"):  # asked for once a second
            settle()
        world.send(promoted("4", minute=1))
        settle()
        world.send(action("2", "a", "judge", verdict="true-drift"))
        settle()
    steps = world.steps("step, state, severity, alerts, by, owner, verdict")
    assert [(step, state) for step, state, *_ in steps] == [
        ("opened", "open"),
        ("raised", "open"),
        ("acknowledged", "acknowledged"),
        ("remedy", "acknowledged"),
        ("resolved", "resolved"),
        ("judged", "resolved"),
    ]
    assert steps[-1] == ("judged", "resolved", "critical", 2, "ana", "risk team", "true-drift")
    assert world.steps("evidence[1]", "sequence = 0")[0][0].endswith("evidence from amount 80%, the prediction 20%")
    assert [each.notice_id for each in world.notices()] == [notice for (notice,) in world.steps("notice_id")]
    assert world.client.query("SELECT state, remedy FROM incidents").result_rows == [
        ("resolved", "version 4 was promoted instead of 3")
    ]


def test_what_cannot_be_used_is_a_dead_letter_and_the_rest_goes_on(world: World) -> None:
    topics = world.settings.topics
    world.append(topics.alerts, b"{")
    world.append(topics.incidents, b'{"incident_id": "a"}', typed=[("type", b"incident-action")])
    world.append(topics.incidents, b"{}", typed=[("type", b"strange")])
    world.append(topics.models, b'{"model": ""}')
    world.send(action("1", "never", "resolve"), alert("a", drift_ids=[]))
    with world.notifier() as settle:
        settle()
    assert world.steps("incident_id") == [("a",)]
    dead = [dict(record.headers) for record in world.records(topics.dead_letters)]
    assert Counter(each["driftline-reason"] for each in dead) == Counter(
        [b"not-json", b"invalid-field", b"unknown-type", b"invalid-field", b"unknown-incident"]
    )
    assert {each["driftline-topic"].decode() for each in dead} == {
        topic.name for topic in (topics.alerts, topics.incidents, topics.models)
    }


def test_silences_outlive_the_notifier_and_old_alerts_are_not_told_twice(world: World) -> None:
    now = (time.time() * 1000 - minute(0)) / 60_000
    world.send(silence(now - 1, now + 60), alert("a", drift_ids=[]))
    with world.notifier() as settle:
        settle()
    world.send(alert("a", drift_ids=[]), alert("b", "latency", since=300, seen=305, drift_ids=[]))
    world.send(silence(now - 1, now - 1, timestamp_ms=minute(1)))
    with world.notifier() as settle:
        settle()
        world.send(alert("c", "volume", since=600, seen=605, drift_ids=[]))
        settle()
    assert world.steps("incident_id, notify") == [("a", False), ("b", False), ("c", True)]


def test_what_is_over_and_long_forgotten_can_still_be_judged(world: World) -> None:
    world.send(alert("a", drift_ids=[]), action("1", "a", "resolve"))
    with world.notifier() as settle:
        settle()
    world.client.command("ALTER TABLE incident_log UPDATE at = at - INTERVAL 9 DAY WHERE 1 SETTINGS mutations_sync = 1")
    world.send(action("2", "a", "judge", verdict="expected"))
    with world.notifier() as settle:
        settle()
    assert world.steps("step, verdict") == [("opened", ""), ("resolved", ""), ("judged", "expected")]


# kafka-python leaves a socket to the garbage collector when it is closed while it connects.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_killed_at_any_step_it_ends_in_the_same_incidents_and_notices(world: World) -> None:
    alerts = [alert(f"a{n}", "data-drift", f"f{n % 3}", since=0, seen=n, drift_ids=[]) for n in range(3)]
    world.send(*alerts, alert("e", "concept-drift", since=2, seen=9, drift_ids=[]))
    world.send(alert("z", "latency", since=300, seen=305, drift_ids=[]), action("1", "z", "acknowledge"))
    world.append(world.settings.topics.alerts, b"{")
    kills = 0
    while _is_killed(world, kills + 1):
        kills += 1
    assert kills > 10
    assert world.steps("incident_id, sequence, cause_id, step, alerts") == [
        ("a0", 0, "a0", "opened", 1),
        ("a0", 1, "a1", "joined", 2),
        ("a0", 2, "a2", "joined", 3),
        ("a0", 3, "e", "raised", 4),
        ("z", 0, "z", "opened", 1),
        ("z", 1, "1", "acknowledged", 1),
    ]
    assert world.client.query("SELECT count() FROM incident_log").result_rows == [(6,)]
    published = [each.notice_id for each in world.notices()]
    assert sorted(published) == sorted(notice for (notice,) in world.steps("notice_id"))
    assert {dict(each.headers)["driftline-reason"] for each in world.records(world.settings.topics.dead_letters)} == {
        b"not-json"
    }


def _is_killed(world: World, at: int) -> bool:
    """Run a notifier until it is killed at its n-th operation, or all is taken."""
    try:
        with world.notifier(Fuse(at)) as settle:
            settle()
    except Killed:
        return True
    return False


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kills", [1, pytest.param(40, marks=pytest.mark.long)])
def test_killed_as_a_process_it_loses_nothing_and_repeats_nothing(kills: int, world: World, tmp_path: Path) -> None:
    sent = 0
    for _ in range(kills):
        stored = _stored(world)
        with _running(world, tmp_path) as process:
            for _ in range(50):
                world.send(alert(f"a{sent}", "data-drift", f"f{sent % 7}", since=0, seen=sent / 100, drift_ids=[]))
                sent += 1
            _wait(functools.partial(_has_more, world, stored), process)
            process.kill()
    with _running(world, tmp_path) as process:
        _wait(lambda: _stored(world) == sent, process)
    with world.notifier() as settle:
        settle()
    expected = [("a0", n, f"a{n}", n + 1) for n in range(sent)]
    assert world.steps("incident_id, sequence, cause_id, alerts") == expected
    assert [each.last_alert_id for each in world.notices()] == [f"a{n}" for n in range(sent)]


def _has_more(world: World, than: int) -> bool:
    return _stored(world) > than


def _stored(world: World) -> int:
    return int(world.client.query("SELECT count() FROM incident_steps").result_rows[0][0])


def _specify(world: World, owner: str) -> None:
    spec = ModelSpec(model="fraud", timestamp_ms=minute(0), owner=owner)
    columns: dict[str, list[Any]] = {"model": ["fraud"], "spec": [spec.model_dump_json()], "offset": [1]}
    insert_columns(world.client, "model_spec_log", columns, "spec")


def _retrain(world: World, sequence: int, status: str, explanation: str) -> None:
    columns: dict[str, list[Any]] = {
        "retrain_id": ["r1"],
        "sequence": [sequence],
        "status": [status],
        "final": [False],
        "model": ["fraud"],
        "explanation": [explanation],
        "at": [now_ms()],
    }
    insert_columns(world.client, "retrain_log", columns, f"r1:{sequence}")


@contextmanager
def _running(world: World, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "notifier.log").open("ab") as log:
        command = [sys.executable, "-c", PROGRAM]
        process = subprocess.Popen(command, env=os.environ | world.environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _wait(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, "the notifier ended"
        assert time.monotonic() < deadline
        time.sleep(0.01)
