"""What the store gives back, from a real engine."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import numpy as np
import pytest

from driftline_schemas.clickhouse import connect, migrate
from driftline_schemas.settings import ClickHouseAddress
from driftline_stream_processors.columns import Judged, Outcomes, Places, Predictions
from driftline_stream_processors.memory.limits import BlockLimits
from driftline_stream_processors.storage.block import Block
from driftline_stream_processors.storage.snapshot import FORMAT
from driftline_stream_processors.storage.store import Store

NAN = float("nan")
LOGGED_AT_MS = 1_790_000_000_000
PARTITION = 3


@pytest.fixture
def store(database: ClickHouseAddress) -> Iterator[Store]:
    with closing(Store(database, "pipeline", "events", "")) as store:
        yield store


def places(offset: int, rows: int) -> Places:
    """Rows of one record."""
    column = np.full(rows, offset, np.int64)
    return Places(PARTITION, column, np.arange(rows), column + LOGGED_AT_MS)


def predictions(model: str, event_ids: Sequence[str], offset: int, **columns: Any) -> Predictions:
    rows = len(event_ids)
    usual = {
        "version": "2",
        "timestamp_ms": np.arange(rows) + LOGGED_AT_MS,
        "numbers": {},
        "present": {},
        "texts": {},
        "prediction": ["1.5"] * rows,
        "prediction_value": np.full(rows, 1.5),
        "score": np.full(rows, NAN),
        "segment": {},
        "subject_id": [""] * rows,
        "latency_ms": np.full(rows, NAN),
        "traceparent": [""] * rows,
    }
    return Predictions(model=model, places=places(offset, rows), event_id=event_ids, **usual | columns)


def judged(of: Predictions, offset: int, joined: Sequence[bool], label: Sequence[str | None]) -> Judged:
    rows, mask = len(of), np.array(joined)
    outcomes = Outcomes(
        of.model,
        places(offset, rows),
        of.event_id,
        label,
        np.full(rows, NAN),
        np.full(rows, LOGGED_AT_MS + 9),
        ["default"] * rows,
    )
    error = np.where(mask, 1.0, NAN)
    position = np.full(rows, offset)
    return Judged(outcomes, mask, of.served(), position, np.arange(rows), error, np.full(rows, NAN))


def block(*groups: Predictions, outcomes: Sequence[Judged] = ()) -> Block:
    block = Block(PARTITION, 0, BlockLimits(10, 10))
    block.predictions += groups
    block.judged += outcomes
    return block


def rows_of(database: ClickHouseAddress, statement: str) -> list[Any]:
    with closing(connect(database)) as client:
        return list(client.query(statement).result_rows)


def test_columns_become_rows(store: Store, database: ClickHouseAddress) -> None:
    one = predictions(
        "fraud",
        ["a", "b", "c"],
        5,
        numbers={"amount": np.array([1.0, NAN, 3.0]), "age": np.array([7.0, 8.0, 9.0])},
        present={"age": np.array([True, True, False])},
        texts={"shop": ["x", None, "z"]},
        segment={"country": [None, "DE", "FR"], "plan": ["free", None, "paid"]},
        score=np.array([0.25, NAN, 0.5]),
    )
    other = predictions("churn", ["d"], 6, numbers={"visits": np.array([4.0])})
    asyncio.run(store.insert(block(predictions("none", [], 4), one, other)))
    stored = rows_of(
        database,
        "SELECT model, event_id, toString(features), toString(categories), toString(segment), ifNotFinite(score, -1), "
        "partition, offset, row, toUnixTimestamp64Milli(timestamp), toUnixTimestamp64Milli(logged_at) "
        "FROM prediction_log ORDER BY event_id",
    )
    base, seen_at = LOGGED_AT_MS, LOGGED_AT_MS + 5
    assert stored == [
        ("fraud", "a", "{'amount':1,'age':7}", "{'shop':'x'}", "{'plan':'free'}", 0.25, 3, 5, 0, base, seen_at),
        ("fraud", "b", "{'amount':nan,'age':8}", "{}", "{'country':'DE'}", -1, 3, 5, 1, base + 1, seen_at),
        (
            "fraud",
            "c",
            "{'amount':3}",
            "{'shop':'z'}",
            "{'country':'FR','plan':'paid'}",
            0.5,
            3,
            5,
            2,
            base + 2,
            seen_at,
        ),
        ("churn", "d", "{'visits':4}", "{}", "{}", -1, 3, 6, 0, base, base + 6),
    ]


def test_outcomes_stand_beside_their_predictions(store: Store, database: ClickHouseAddress) -> None:
    of = predictions("fraud", ["a", "b"], 5, segment={"country": ["DE", None]})
    asyncio.run(store.insert(block(outcomes=[judged(of, 7, [True, False], ["yes", None])])))
    stored = rows_of(
        database,
        "SELECT event_id, source, label, toString(segment), joined, ifNotFinite(error, -1), offset, row, position, "
        "version, toUnixTimestamp64Milli(predicted_at) FROM outcome_log ORDER BY event_id",
    )
    assert stored == [
        ("a", "default", "yes", "{'country':'DE'}", 1, 1.0, 7, 0, 7, "2", LOGGED_AT_MS),
        ("b", "default", None, "{}", 0, -1.0, 7, 1, 7, "2", LOGGED_AT_MS + 1),
    ]


def test_the_same_block_adds_nothing(store: Store, database: ClickHouseAddress) -> None:
    of = predictions("fraud", ["a", "b"], 5)
    full = block(of, outcomes=[judged(of, 7, [True, True], ["x", "y"])])

    async def insert_twice() -> None:
        await store.insert(full)
        await store.insert(full)

    asyncio.run(insert_twice())
    for table, rows in {"prediction_log": 2, "prediction_index": 2, "outcome_log": 2, "block_log": 1}.items():
        assert rows_of(database, f"SELECT count() FROM {table}") == [(rows,)]


def test_a_look_up_finds_the_newest_prediction_before_an_offset(store: Store) -> None:
    async def look_up(before: int) -> dict[Any, Any]:
        keys = [("fraud", "a"), ("fraud", "b"), ("churn", "a"), ("churn", "it's \\ a\ttab")]
        index, served = await store.look_up(keys, PARTITION, before)
        assert len(served) == len(index)
        return {key: (served.prediction[row], int(served.offset[row]), served.segment) for key, row in index.items()}

    async def insert_and_look_up() -> None:
        early = predictions("fraud", ["a", "a"], 5, prediction=["first", "second"])
        late = predictions("fraud", ["a"], 9, prediction=["third"], segment={"country": ["DE"]})
        odd = predictions("churn", ["it's \\ a\ttab", "c"], 6)
        await store.insert(block(early, late, odd))
        assert await look_up(5) == {}
        assert await look_up(9) == {
            ("fraud", "a"): ("second", 5, {}),
            ("churn", "it's \\ a\ttab"): ("1.5", 6, {}),
        }
        newest = await look_up(10)
        assert newest["fraud", "a"][:2] == ("third", 9)
        assert newest["fraud", "a"][2]["country"].count("DE") == 1
        index, _ = await store.look_up([("fraud", "a")], PARTITION + 1, 10)
        assert index == {}

    asyncio.run(insert_and_look_up())


def test_a_look_up_finds_what_was_stored_before_the_index_had_hashes(store: Store, database: ClickHouseAddress) -> None:
    async def insert_and_look_up(event_id: str, offset: int) -> set[Any]:
        await store.insert(block(predictions("fraud", [event_id], offset)))
        index, _ = await store.look_up([("fraud", "old"), ("fraud", "new")], PARTITION, 10)
        return set(index)

    with closing(connect(database)) as client:
        client.command("ALTER TABLE prediction_index DROP COLUMN id_hash")
        client.command("ALTER TABLE schema_versions DELETE WHERE version = 9 SETTINGS mutations_sync = 1")
        client.command(
            "INSERT INTO prediction_index (model, event_id, partition, offset, logged_at) "
            f"VALUES ('fraud', 'old', {PARTITION}, 1, fromUnixTimestamp64Milli({LOGGED_AT_MS}))"
        )
        client.command("SYSTEM STOP MERGES prediction_index")  # so that the old part is not given hashes meanwhile
        assert migrate(database) == [9]
    assert asyncio.run(insert_and_look_up("new", 2)) == {("fraud", "old"), ("fraud", "new")}


def test_recent_predictions_come_back_in_log_order(store: Store) -> None:
    async def recent() -> list[tuple[str, list[str], Any]]:
        groups = [predictions(model, ["z", "y"], offset) for offset in (1, 2, 3) for model in ("b", "a")]
        await store.insert(block(*groups, predictions("c", ["x"], 1, segment={"plan": ["free"]})))
        return await store.recent(PARTITION, 1, 3)

    found = [(model, ids, served.offset.tolist(), served.row.tolist()) for model, ids, served in asyncio.run(recent())]
    assert found == [
        ("a", ["z", "y"] * 2, [1, 1, 2, 2], [0, 1, 0, 1]),
        ("b", ["z", "y"] * 2, [1, 1, 2, 2], [0, 1, 0, 1]),
        ("c", ["x"], [1], [0]),
    ]


def test_the_snapshot_at_the_highest_offset_counts(store: Store) -> None:
    async def save_and_load() -> None:
        assert await store.load(PARTITION) is None
        await store.save(PARTITION, 20, {"window": b"\0\xff"})
        await store.save(PARTITION, 10, {})
        assert await store.load(PARTITION) == (FORMAT, {"window": b"\0\xff"})
        assert await store.load(PARTITION + 1) is None

    asyncio.run(save_and_load())
