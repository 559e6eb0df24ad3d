"""An installation of its own for every test."""

from pathlib import Path

import pytest

from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.stream_processors.harness import Installation


@pytest.fixture
def installation(kafka_address: str, topics: Topics, database: ClickHouseAddress, tmp_path: Path) -> Installation:
    """Fresh topics and a fresh database."""
    return Installation(kafka_address, topics, database, tmp_path)
