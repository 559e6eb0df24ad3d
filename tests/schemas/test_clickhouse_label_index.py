"""The index of labels says the same as the log of outcomes, whatever came when."""

import itertools
import math
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftline_schemas.clickhouse import connect, insert_columns
from driftline_schemas.settings import ClickHouseAddress
from tests.databases import Databases

HOUR_MS = 60 * 60 * 1000
IN_FORCE = """
SELECT model, cityHash64(event_id, source), source, label, timestamp, predicted_at, version, error, segment
FROM outcomes ORDER BY ALL
"""
INDEXED = """
SELECT model, event_hash, source, label, timestamp, predicted_at, version, error, segment
FROM label_index FINAL WHERE label IS NOT NULL ORDER BY ALL
"""

pytestmark = pytest.mark.stack

Event = tuple[str, int, str]
"""Model, number and source."""

EVENTS = st.tuples(st.sampled_from("mn"), st.integers(0, 5), st.sampled_from(("", "s")))
OUTCOMES = st.tuples(EVENTS, st.sampled_from(("yes", "no", None)), st.booleans())
BLOCKS = st.lists(st.lists(OUTCOMES, min_size=1, max_size=8), min_size=1, max_size=5)


@pytest.fixture(scope="module")
def tables(databases: Databases) -> Iterator[ClickHouseAddress]:
    """One database for all histories."""
    with databases.lent() as address:
        yield address


def row(event: Event, label: str | None, position: int, joined: bool) -> dict[str, Any]:
    """An outcome as the worker stores it, joined to its prediction or not yet."""
    model, number, source = event
    return {
        "model": model,
        "event_id": f"e{number}",
        "source": source,
        "label": label,
        "label_value": math.nan,
        "timestamp": position,
        "predicted_at": number * HOUR_MS // 2 if joined else 0,
        "version": "1" if joined else "",
        "prediction": "yes" if joined else "",
        "prediction_value": math.nan,
        "error": float(label != "yes") if joined and label is not None else math.nan,
        "segment": {"country": "DE"} if joined else {},
        "joined": int(joined),
        "offset": position,
        "position": position,
    }


@settings(deadline=None, max_examples=25)
@given(blocks=BLOCKS)
def test_what_is_in_force_is_in_force_in_both(
    tables: ClickHouseAddress, blocks: list[list[tuple[Event, str | None, bool]]]
) -> None:
    """Late, corrected, retracted, repeated; joined at once, or only when the prediction has come."""
    positions, known = itertools.count(), set()
    with connect(tables) as client:
        for table in ("outcome_log", "label_index"):
            client.command(f"TRUNCATE TABLE {table}")
        for block in blocks:
            rows = []
            for event, label, predicted in block:
                known |= {event} if predicted else set()
                rows.append(row(event, label, next(positions), event in known))
            insert_columns(client, "outcome_log", {name: [r[name] for r in rows] for name in rows[0]}, uuid.uuid4().hex)
        assert client.query(INDEXED).result_rows == client.query(IN_FORCE).result_rows
