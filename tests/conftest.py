"""Real components for every test that wants them: Apache Kafka and ClickHouse's engine, started once per session."""

import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from driftline.stack.health import clickhouse_answers, kafka_answers, wait_until
from driftline.stack.jars import default_cache, kafka_class_path
from driftline.stack.kafka import Kafka
from driftline.stack.ports import draw_port
from driftline.topics import create_topics
from driftline_schemas.clickhouse import migrate
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics

START_TIMEOUT_SECONDS = 90
STOP_TIMEOUT_SECONDS = 20


@pytest.fixture(scope="session")
def kafka_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`host:port` of a broker."""
    folder = tmp_path_factory.mktemp("kafka")
    port = draw_port()
    kafka = Kafka(folder, port, draw_port([port]), kafka_class_path(default_cache()))
    kafka.prepare()
    with running(kafka.command(), folder, lambda: kafka_answers(port)):
        yield kafka.address


@pytest.fixture(scope="session")
def clickhouse_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseAddress]:
    """Where ClickHouse answers; its database has no tables."""
    folder = tmp_path_factory.mktemp("clickhouse")
    port = draw_port()
    front = [sys.executable, "-m", "driftline.stack.clickhouse_front", "--data", f"{folder}/data", "--port", str(port)]
    with running(front, folder, lambda: clickhouse_answers(port)):
        yield ClickHouseAddress(host="127.0.0.1", port=port, database="default")


@pytest.fixture
def topics(kafka_address: str) -> Topics:
    """A fresh set of topics."""
    topics = Topics(prefix=f"test-{uuid.uuid4().hex[:12]}.")
    create_topics(kafka_address, topics)
    return topics


@pytest.fixture
def database(clickhouse_address: ClickHouseAddress) -> ClickHouseAddress:
    """A fresh database with all tables and views."""
    address = replace(clickhouse_address, database=f"test_{uuid.uuid4().hex[:12]}")
    migrate(address)
    return address


@contextmanager
def running(command: Sequence[str], folder: Path, healthy: Callable[[], bool]) -> Iterator[None]:
    """A server for as long as the block lasts; its output is in `output.log`."""
    output = folder / "output.log"
    with output.open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    try:
        if not wait_until(lambda: process.poll() is not None or healthy(), START_TIMEOUT_SECONDS) or process.poll():
            raise RuntimeError(f"{command[0]} did not start:\n{output.read_text('utf-8')[-2000:]}")
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
