"""Real components for every test that wants them: Apache Kafka and ClickHouse's engine, started once per session."""

import signal
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest

from driftline.stack.parts import CLICKHOUSE, KAFKA
from driftline.stack.stack import Stack
from driftline.topics import create_topics
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.databases import Databases


@pytest.fixture(scope="session")
def kafka_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`host:port` of a broker."""
    stack = Stack(tmp_path_factory.mktemp("kafka"), parts=[KAFKA])
    stack.up()
    yield stack.environment()["DRIFTLINE_KAFKA"]
    stack.down()


@pytest.fixture(scope="session")
def clickhouse_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseAddress]:
    """Where ClickHouse answers; its database has no tables."""
    stack = Stack(tmp_path_factory.mktemp("clickhouse"), parts=[CLICKHOUSE])
    stack.up()
    yield replace(ClickHouseAddress.parse(stack.environment()["DRIFTLINE_CLICKHOUSE"]), database="default")
    stack.down()


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Processes that the test starts take SIGINT as at a terminal, also when the tests run in the background.

    A shell starts background jobs with SIGINT ignored, and what is ignored stays so in their children.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def topics(kafka_address: str) -> Topics:
    """A fresh set of topics."""
    topics = Topics(prefix=f"test-{uuid.uuid4().hex[:12]}.")
    create_topics(kafka_address, topics)
    return topics


@pytest.fixture(scope="session")
def databases(clickhouse_address: ClickHouseAddress) -> Databases:
    """Databases with all tables and views."""
    return Databases(clickhouse_address)


@pytest.fixture
def database(databases: Databases) -> Iterator[ClickHouseAddress]:
    """A database with all tables and views, and nothing in them."""
    with databases.lent() as address:
        yield address
