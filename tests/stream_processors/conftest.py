"""An installation of its own for every test."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.stream_processors.harness import Installation


@pytest.fixture
def installation(
    kafka_address: str, topics: Topics, database: ClickHouseAddress, tmp_path: Path
) -> Iterator[Installation]:
    """Fresh topics and a fresh database."""
    with closing(Installation(kafka_address, topics, database, tmp_path)) as installation:
        yield installation
