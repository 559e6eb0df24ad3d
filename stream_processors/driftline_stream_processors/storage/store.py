"""ClickHouse as the worker uses it: blocks in, snapshots in and out, predictions looked up for the join."""

import asyncio
import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from clickhouse_connect.driver.client import Client
from prometheus_client import Histogram

from driftline_schemas.clickhouse import connect, insert_arrow, insert_columns
from driftline_schemas.settings import ClickHouseAddress
from driftline_stream_processors.columns import Served
from driftline_stream_processors.retry import until_done
from driftline_stream_processors.steps.join import EventKey
from driftline_stream_processors.storage import snapshot, tables
from driftline_stream_processors.storage.arrow import blob, integers, strings, texts
from driftline_stream_processors.storage.block import Block
from driftline_stream_processors.storage.event_tables import outcome_table, prediction_table, served_columns
from driftline_stream_processors.storage.figure_tables import reading_table, window_table
from driftline_stream_processors.storage.snapshot import Snapshot
from driftline_stream_processors.storage.tables import Row, Table

T = TypeVar("T")

_SERVED = """model, event_id, version, toUnixTimestamp64Milli(timestamp) AS timestamp_ms, prediction, prediction_value,
       score, segment, offset, row"""
_LOOK_UP = f"""
WITH asked AS (SELECT arrayJoin(JSONExtract({{event_ids:String}}, 'Array(String)')) AS id)
SELECT {_SERVED} FROM prediction_index
PREWHERE id_hash IN (SELECT toUInt32(cityHash64(id)) FROM asked)
WHERE model IN {{models:Array(String)}} AND event_id IN (SELECT id FROM asked)
  AND partition = {{partition:UInt16}} AND offset < {{before:UInt64}}
ORDER BY offset DESC, row DESC LIMIT 1 BY model, event_id
"""  # noqa: S608 - made of constants
_RECENT = f"""
SELECT {_SERVED} FROM prediction_index
WHERE partition = {{partition:UInt16}} AND offset >= {{first_offset:UInt64}} AND offset < {{before:UInt64}}
ORDER BY model, offset, row LIMIT 1 BY model, offset, row
"""  # noqa: S608 - made of constants
_THREADS = 4

SECONDS_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

_LOAD = """
SELECT state FROM snapshot
WHERE pipeline = {pipeline:String} AND partition = {partition:UInt16}
ORDER BY next_offset DESC LIMIT 1
"""


class Store:
    """All access to ClickHouse, on a few threads of its own; every call is repeated until it succeeds.

    Attributes:
        away: What the last failed call said; None while ClickHouse answers.
        seconds: How long calls took, for `/metrics`.
    """

    def __init__(self, address: ClickHouseAddress, pipeline: str, topic: str, snapshot_key: str) -> None:
        self._address = address
        self._snapshot_key = snapshot_key
        self._pipeline = pipeline
        self._topic = topic
        self._threads = ThreadPoolExecutor(_THREADS, "clickhouse")
        self._own = threading.local()  # a client serves one thread
        self.away: Exception | None = None
        self.seconds = Histogram(
            "driftline_worker_store_seconds",
            "How long calls of ClickHouse took, failed ones too.",
            ["operation"],
            registry=None,
            buckets=SECONDS_BUCKETS,
        )

    async def insert(self, block: Block) -> None:
        """Store a block's rows, and then its row of the ledger; the same block again adds nothing."""
        token = block.token(self._topic)
        await asyncio.gather(
            self._insert_arrow(tables.PREDICTIONS, prediction_table, block.predictions, token),
            self._insert_arrow(tables.OUTCOMES, outcome_table, block.judged, token),
            self._insert_arrow(tables.WINDOWS, window_table, block.windows, token),
            self._insert_arrow(tables.DETECTORS, reading_table, block.readings, token),
            *(self._insert(table, rows, token) for table, rows in block.rows.items()),
        )
        await self._insert(tables.BLOCKS, [block.ledger_row()], token)

    async def _insert(self, table: Table, rows: Sequence[Row], token: str) -> None:
        def insert(client: Client) -> None:
            insert_columns(client, table.name, table.by_column(rows), token)

        await self._do("insert", insert)

    async def _insert_arrow(
        self, table: str, to_arrow: Callable[[Sequence[T]], pa.Table], groups: Sequence[T], token: str
    ) -> None:
        def insert(client: Client) -> None:
            insert_arrow(client, table, to_arrow(groups), token)

        if groups:
            await self._do("insert", insert)

    async def save(self, partition: int, next_offset: int, state: Mapping[str, Any]) -> int:
        """Store a snapshot and return its bytes; of several, the one with the highest offset counts."""

        def save(client: Client) -> int:
            encoded = snapshot.encode(state, self._snapshot_key)
            columns = {
                "pipeline": strings([[self._pipeline]]),
                "partition": integers([[partition]]),
                "next_offset": integers([[next_offset]]),
                "format": integers([[snapshot.FORMAT]]),
                "state": blob(encoded),
                "sha256": strings([[hashlib.sha256(encoded).hexdigest()]]),
            }
            insert_arrow(client, "snapshot", pa.table(columns), f"{self._pipeline}:{partition}:{next_offset}")
            return len(encoded)

        size_bytes: int = await self._do("snapshot", save)
        return size_bytes

    async def load(self, partition: int) -> Snapshot | None:
        """The newest snapshot of a partition; None where there is none.

        Raises:
            SnapshotError: It cannot be used; the message says what to do.
        """

        def load(client: Client) -> bytes | None:
            parameters = {"pipeline": self._pipeline, "partition": partition}
            rows = client.query(_LOAD, parameters, column_formats={"state": "bytes"}).result_rows
            return rows[0][0] if rows else None

        blob: bytes | None = await self._do("query", load)
        return None if blob is None else snapshot.decode(blob, self._snapshot_key)

    async def look_up(
        self, keys: Sequence[EventKey], partition: int, before: int
    ) -> tuple[dict[EventKey, int], Served]:
        """The newest stored predictions with these ids, among the partition's offsets below `before`.

        Returns:
            For each key that is found its row in the columns, and the columns; also for an id of another model's key.
        """
        event_ids = orjson.dumps([event_id for _, event_id in keys])  # as an array the driver would escape each
        parameters = {
            "models": sorted({model for model, _ in keys}),
            "event_ids": event_ids.decode(),
            "partition": partition,
            "before": before,
        }
        found = await self._query(_LOOK_UP, parameters)
        ids = zip(texts(found["model"]), texts(found["event_id"]), strict=True)
        return dict(zip(ids, range(len(found)), strict=True)), served_columns(found)

    async def recent(self, partition: int, first_offset: int, before: int) -> list[tuple[str, list[str], Served]]:
        """The stored predictions of a partition with offsets from `first_offset` up to but not with `before`.

        Returns:
            Per model, its name, event ids and columns, in log order.
        """
        found = await self._query(_RECENT, {"partition": partition, "first_offset": first_offset, "before": before})
        ends = pc.run_end_encode(found["model"].combine_chunks())
        groups, start = [], 0
        for model, end in zip(ends.values.to_pylist(), ends.run_ends.to_pylist(), strict=True):
            part = found.slice(start, end - start)
            groups.append((model, texts(part["event_id"]), served_columns(part)))
            start = end
        return groups

    async def _query(self, sql: str, parameters: Mapping[str, Any]) -> pa.Table:
        def query(client: Client) -> pa.Table:
            return client.query_arrow(sql, dict(parameters))

        return await self._do("query", query)

    async def _do(self, what: str, call: Any, *arguments: Any) -> Any:
        def run() -> Any:
            if not hasattr(self._own, "client"):
                self._own.client = connect(self._address)
            return call(self._own.client, *arguments)

        async def attempt() -> Any:
            with self.seconds.labels(what).time():
                return await asyncio.get_running_loop().run_in_executor(self._threads, run)

        return await until_done(f"ClickHouse {what}", attempt, self._answered)

    def _answered(self, error: Exception | None) -> None:
        self.away = error

    def close(self) -> None:
        """End the threads; a call under way is left to its time-out."""
        self._threads.shutdown(wait=False, cancel_futures=True)
