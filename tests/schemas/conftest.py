import dataclasses
import uuid
from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.client import Client

from driftline_schemas.clickhouse import connect
from driftline_schemas.settings import ClickHouseAddress
from tests.databases import drop


@pytest.fixture
def empty_address(clickhouse_address: ClickHouseAddress) -> Iterator[ClickHouseAddress]:
    """A database that does not exist yet."""
    address = dataclasses.replace(clickhouse_address, database=f"schemas_{uuid.uuid4().hex[:12]}")
    yield address
    drop(address)


@pytest.fixture
def client(database: ClickHouseAddress) -> Iterator[Client]:
    """A client of a migrated, empty database."""
    with connect(database) as client:
        yield client
