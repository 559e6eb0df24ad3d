import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from driftline.stack.errors import StackError
from driftline.stack.health import wait_until
from driftline.stack.parts import CLICKHOUSE, INFRASTRUCTURE, KAFKA
from driftline.stack.processes import processes_of
from driftline.stack.progress import Event, Started
from driftline.stack.stack import Stack, running_environment
from driftline_schemas.clickhouse import connect
from driftline_schemas.settings import Settings

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

RECOVERY_SECONDS = 90


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Stack]:
    """One stack for all tests of this file; each leaves it running."""
    stack = Stack(folder, parts=INFRASTRUCTURE)
    stack.up()
    yield stack
    stack.down()
    assert processes_of(folder) == []


@pytest.fixture
def settings(running: Stack) -> Settings:
    return Settings.from_environment(running.environment())


def produce(settings: Settings, value: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=settings.kafka, acks="all")
    producer.send(settings.topics.events.name, value, partition=0).get(60)
    producer.close()


def records(settings: Settings) -> list[bytes]:
    partition = TopicPartition(settings.topics.events.name, 0)
    consumer = KafkaConsumer(bootstrap_servers=settings.kafka)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    end: int = consumer.end_offsets([partition])[partition]
    values: list[bytes] = []
    while consumer.position(partition) < end:
        for batch in consumer.poll(timeout_ms=1000).values():
            values += [record.value for record in batch]
    consumer.close()
    return values


def insert(settings: Settings, error: str) -> None:
    client = connect(settings.clickhouse)
    client.insert("dead_letter_log", [["not-json", error, 7]], column_names=["reason", "error", "offset"])
    client.close()


def errors(settings: Settings) -> list[str]:
    client = connect(settings.clickhouse)
    rows = client.query("SELECT error FROM dead_letter_log ORDER BY error").result_rows
    client.close()
    return [row[0] for row in rows]


def pid_of(stack: Stack, name: str) -> int | None:
    return next(part.pid for part in stack.status().parts if part.name == name)


def test_a_second_start_is_refused(running: Stack, folder: Path) -> None:
    with pytest.raises(StackError, match=rf"{folder} runs already \(supervisor {running.pid()}\).*driftline status"):
        Stack(folder, parts=INFRASTRUCTURE).up()
    assert running.status().healthy


def test_status_as_json(running: Stack, folder: Path) -> None:
    status = json.loads(running.status().to_json())
    assert (status["healthy"], status["running"], status["pid"]) == (True, True, running.pid())
    assert status["state_folder"] == str(folder)
    assert [part["name"] for part in status["parts"]] == [KAFKA, CLICKHOUSE]
    for part in status["parts"]:
        assert (part["state"], part["healthy"]) == ("running", True)
        assert psutil.pid_exists(part["pid"])
        assert Path(part["log"]).exists()
    assert status["environment"] == running_environment(folder)
    assert status["environment"]["DRIFTLINE_KAFKA"] == status["parts"][0]["address"]


@pytest.mark.parametrize("name", INFRASTRUCTURE)
def test_a_killed_part_comes_back_and_nothing_is_lost(running: Stack, settings: Settings, name: str) -> None:
    produce(settings, f"before {name} died".encode())
    insert(settings, f"before {name} died")
    killed = pid_of(running, name)
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    assert wait_until(lambda: pid_of(running, name) not in (None, killed), RECOVERY_SECONDS)
    assert wait_until(lambda: running.status().healthy, RECOVERY_SECONDS)
    assert f"before {name} died".encode() in records(settings)
    assert f"before {name} died" in errors(settings)


def test_everything_comes_back_after_a_clean_end(running: Stack, settings: Settings, folder: Path) -> None:
    produce(settings, b"before the end")
    insert(settings, "before the end")
    steps: list[Event] = []
    assert running.down()
    assert (processes_of(folder), running_environment(folder)) == ([], {})
    assert not running.down()
    running.up(steps.append)
    assert Settings.from_environment(running.environment()) == settings
    assert b"before the end" in records(settings)
    assert "before the end" in errors(settings)
    done = [event.step for event in steps if isinstance(event, Started)]
    assert done == ["jars", "storage", KAFKA, CLICKHOUSE, "topics and tables"]


def test_everything_comes_back_after_the_supervisor_was_killed(
    running: Stack, settings: Settings, folder: Path
) -> None:
    produce(settings, b"before the supervisor died")
    insert(settings, "before the supervisor died")
    supervisor = running.pid()
    assert supervisor is not None
    os.kill(supervisor, signal.SIGKILL)
    assert wait_until(lambda: running.pid() is None, RECOVERY_SECONDS)
    orphans = processes_of(folder)
    assert len(orphans) == len(INFRASTRUCTURE)
    assert running.up().healthy
    assert not any(orphan.is_running() for orphan in orphans)
    assert b"before the supervisor died" in records(settings)
    assert "before the supervisor died" in errors(settings)


def test_a_part_that_cannot_start_ends_the_whole_stack(tmp_path: Path) -> None:
    (tmp_path / CLICKHOUSE).write_text("in the place of the data folder")
    stack = Stack(tmp_path, parts=[CLICKHOUSE])
    with pytest.raises(StackError, match=r"clickhouse does not start \(.*exists.*\): see .*clickhouse\.log"):
        stack.up()
    assert processes_of(tmp_path) == []


def test_a_taken_port_is_named(tmp_path: Path, running: Stack) -> None:
    taken = running.folder.ports()
    assert taken is not None
    (tmp_path / "stack.json").write_text((running.folder.path / "stack.json").read_text())
    with pytest.raises(StackError, match=rf"port {taken.clickhouse} of clickhouse is taken.*stack\.json"):
        Stack(tmp_path, parts=[CLICKHOUSE]).up()


def test_a_path_too_long_for_a_socket(tmp_path: Path) -> None:
    stack = Stack(tmp_path / ("long" * 30), parts=[CLICKHOUSE])
    try:
        assert stack.up().healthy
    finally:
        stack.down()


def test_no_stack_was_ever_started(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "nothing")
    assert not stack.down()
    assert not stack.status().healthy
    assert running_environment(tmp_path) == {}
    assert not (tmp_path / "nothing").exists()


def test_a_part_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'kafak' is no part of the stack; the parts are kafka, clickhouse, worker"):
        Stack(tmp_path, parts=["kafak"]).up()
