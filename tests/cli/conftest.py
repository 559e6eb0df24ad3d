"""An installation that the commands find by the environment."""

import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from driftline_schemas.clickhouse import connect, insert_columns
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.stream_processors.harness import Installation


@pytest.fixture
def installation(
    kafka_address: str, topics: Topics, database: ClickHouseAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    """Fresh topics and a fresh database, for workers with the pipeline `worker`, whose blocks are small."""
    with closing(Installation(kafka_address, topics, database, tmp_path, block_records=40)) as installation:
        for name, value in installation.environment("worker", 6066).items():
            if name.startswith("DRIFTLINE_"):
                monkeypatch.setenv(name, value)
        yield installation


@pytest.fixture
def database_client(installation: Installation) -> Iterator[Client]:
    """A connection to the installation's database."""
    with connect(installation.database) as client:
        yield client


def insert(client: Client, table: str, **row: Any) -> None:
    """Store one row; columns that are not named hold their defaults."""
    insert_columns(client, table, {name: [value] for name, value in row.items()}, uuid.uuid4().hex)
