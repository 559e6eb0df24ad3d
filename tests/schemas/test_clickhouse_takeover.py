"""Tables that views fill hold what was stored before they were there, too."""

import dataclasses
import math
import shutil
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from driftline_schemas.clickhouse import connect, insert_columns, migrate
from driftline_schemas.clickhouse.migrate import MIGRATIONS
from driftline_schemas.settings import ClickHouseAddress
from tests.databases import drop

FIRST_FILLED = 19
"""Of the migrations that fill what they make; the profile of features (16) says that it does not."""

FILLED = (
    "SELECT * EXCEPT ingested_at FROM label_index FINAL ORDER BY ALL",
    """
    SELECT model, version, hour, sum(predictions), min(first_at), max(last_at), max(last_logged_at), sum(scored),
           sum(score_total), quantilesDDMerge(0.01, 0.5, 0.95)(latencies)
    FROM traffic_profile GROUP BY ALL ORDER BY ALL
    """,
    """
    SELECT model, version, sum(predictions), min(first_at), max(last_at), max(last_logged_at)
    FROM served_versions GROUP BY ALL ORDER BY ALL
    """,
    """
    SELECT model, metric, arrayDistinct(groupArraySortedMerge(48)(ended)) FROM recent_windows GROUP BY ALL ORDER BY ALL
    """,
)
MINUTE_MS = 60_000

pytestmark = pytest.mark.stack


@pytest.fixture
def other_address(clickhouse_address: ClickHouseAddress) -> Iterator[ClickHouseAddress]:
    address = dataclasses.replace(clickhouse_address, database=f"schemas_{uuid.uuid4().hex[:12]}")
    yield address
    drop(address)


def store(client: Client, numbers: range) -> None:
    """Predictions of some hours, outcomes that are joined or not, one of them corrected, and ended windows."""
    count = len(numbers)
    times = [n * 10 * MINUTE_MS for n in numbers]
    common: dict[str, list[Any]] = {
        "model": ["m"] * count,
        "version": [str(1 + n // 12) for n in numbers],
        "offset": list(numbers),
        "logged_at": [n + 1000 for n in numbers],
    }
    events: dict[str, list[Any]] = {"event_id": [str(n // 2) for n in numbers], "timestamp": times}
    predictions: dict[str, list[Any]] = {"latency_ms": [math.inf if n % 5 else n for n in numbers]}
    outcomes: dict[str, list[Any]] = {
        "predicted_at": [time - time % (20 * MINUTE_MS) for time in times],
        "label": [None if n % 7 == 6 else "ok" for n in numbers],
        "joined": [int(n % 8 > 1) for n in numbers],
        "position": list(numbers),
    }
    windows: dict[str, list[Any]] = {"metric": ["count"] * count, "window_end": times, "window": list(numbers)}
    token = str(numbers)
    insert_columns(client, "prediction_log", common | events | predictions, token)
    insert_columns(client, "outcome_log", common | events | outcomes, token)
    insert_columns(client, "window_log", common | windows, token)


def test_what_was_stored_before_a_migration_counts_as_what_is_stored_after_it(
    empty_address: ClickHouseAddress,
    other_address: ClickHouseAddress,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    earlier = sorted(MIGRATIONS.glob("*.sql"))[: FIRST_FILLED - 1]
    for path in earlier:
        shutil.copy(path, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(sys.modules[migrate.__module__], "MIGRATIONS", tmp_path)
        assert migrate(empty_address) == list(range(1, FIRST_FILLED))
    migrate(other_address)
    with connect(empty_address) as older, connect(other_address) as newer:
        for client in (older, newer):
            store(client, range(40))
        assert migrate(empty_address)[0] == FIRST_FILLED
        for client in (older, newer):
            store(client, range(40, 60))
        for sql in FILLED:
            found = newer.query(sql).result_rows
            assert found
            assert str(older.query(sql).result_rows) == str(found)  # as text: a NaN is one
