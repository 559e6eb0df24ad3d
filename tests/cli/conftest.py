"""An installation that the commands find by the environment."""

from pathlib import Path

import pytest

from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.stream_processors.harness import Installation


@pytest.fixture
def installation(
    kafka_address: str, topics: Topics, database: ClickHouseAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Installation:
    """Fresh topics and a fresh database, for workers with the pipeline `worker`, whose blocks are small."""
    installation = Installation(kafka_address, topics, database, tmp_path, block_records=40)
    for name, value in installation.environment("worker", 6066).items():
        if name.startswith("DRIFTLINE_"):
            monkeypatch.setenv(name, value)
    return installation
