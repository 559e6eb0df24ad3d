"""ClickHouse as the worker uses it: blocks in, snapshots in and out, predictions looked up for the join."""

import asyncio
import hashlib
import threading
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from driftline_detectors import SnapshotError
from driftline_schemas.clickhouse import connect, insert_columns
from driftline_schemas.settings import ClickHouseAddress
from driftline_stream_processors.block import Block
from driftline_stream_processors.retry import until_done
from driftline_stream_processors.state import FORMAT
from driftline_stream_processors.steps.join import EventKey, Served
from driftline_stream_processors.tables import BLOCKS, Row, Table

_LOOK_UP = """
SELECT model, event_id, argMax(tuple(version, toUnixTimestamp64Milli(timestamp), prediction, prediction_value, score,
       segment, offset), offset)
FROM prediction_index
WHERE model IN {models:Array(String)} AND event_id IN {event_ids:Array(String)}
  AND partition = {partition:UInt16} AND offset < {before:UInt64}
GROUP BY model, event_id
"""
_LOOK_UP_BATCH = 5_000
_THREADS = 4

_LOAD = """
SELECT next_offset, format, hex(state), sha256 FROM snapshot
WHERE pipeline = {pipeline:String} AND partition = {partition:UInt16}
ORDER BY next_offset DESC LIMIT 1
"""


class Store:
    """All access to ClickHouse, on a few threads of its own; every call is repeated until it succeeds.

    Attributes:
        away: What the last failed call said; None while ClickHouse answers.
    """

    def __init__(self, address: ClickHouseAddress, pipeline: str, topic: str) -> None:
        self._address = address
        self._pipeline = pipeline
        self._topic = topic
        self._threads = ThreadPoolExecutor(_THREADS, "clickhouse")
        self._own = threading.local()  # a client serves one thread
        self.away: Exception | None = None

    async def insert(self, block: Block) -> None:
        """Store a block's rows, and then its row of the ledger; the same block again adds nothing."""
        token = block.token(self._topic)
        await asyncio.gather(*(self._insert(table, rows, token) for table, rows in block.rows.items()))
        await self._insert(BLOCKS, [block.ledger_row()], token)

    async def _insert(self, table: Table, rows: Sequence[Row], token: str) -> None:
        def insert(client: Any) -> None:
            insert_columns(client, table.name, table.by_column(rows), token)

        await self._do("insert", insert)

    async def save(self, partition: int, next_offset: int, blob: bytes) -> None:
        """Store a snapshot; of several, the one with the highest offset counts."""
        columns = {
            "pipeline": [self._pipeline],
            "partition": [partition],
            "next_offset": [next_offset],
            "format": [FORMAT],
            "state": [blob],
            "sha256": [hashlib.sha256(blob).hexdigest()],
        }
        token = f"{self._pipeline}:{partition}:{next_offset}"
        await self._do("snapshot", insert_columns, "snapshot", columns, token)

    async def load(self, partition: int) -> bytes | None:
        """The newest snapshot of a partition; None where there is none.

        Raises:
            SnapshotError: It is damaged or of a format that this version does not read.
        """
        rows = await self._query(_LOAD, {"pipeline": self._pipeline, "partition": partition})
        if not rows:
            return None
        next_offset, found_format, state, sha256 = rows[0]
        blob = bytes.fromhex(state)
        if found_format != FORMAT or hashlib.sha256(blob).hexdigest() != sha256:
            raise SnapshotError(
                f"the snapshot of partition {partition} at offset {next_offset} is damaged or of another format "
                f"(found {found_format}, expected {FORMAT}); delete it from the table snapshot to replay the log"
            )
        return blob

    async def look_up(self, keys: Collection[EventKey], partition: int, before: int) -> dict[EventKey, Served]:
        """The stored predictions with these ids, among the partition's offsets below `before`."""
        found: dict[EventKey, Served] = {}
        ordered = sorted(keys)
        for start in range(0, len(ordered), _LOOK_UP_BATCH):
            batch = ordered[start : start + _LOOK_UP_BATCH]
            parameters = {
                "models": sorted({model for model, _ in batch}),
                "event_ids": [event_id for _, event_id in batch],
                "partition": partition,
                "before": before,
            }
            for model, event_id, fields in await self._query(_LOOK_UP, parameters):
                found[model, event_id] = Served(*fields)
        return found

    async def _query(self, sql: str, parameters: Mapping[str, Any]) -> Any:
        def query(client: Any) -> Any:
            return client.query(sql, parameters=dict(parameters)).result_rows

        return await self._do("query", query)

    async def _do(self, what: str, call: Any, *arguments: Any) -> Any:
        def run() -> Any:
            if not hasattr(self._own, "client"):
                self._own.client = connect(self._address)
            return call(self._own.client, *arguments)

        async def attempt() -> Any:
            return await asyncio.get_running_loop().run_in_executor(self._threads, run)

        return await until_done(f"ClickHouse {what}", attempt, self._answered)

    def _answered(self, error: Exception | None) -> None:
        self.away = error

    def close(self) -> None:
        """End the threads; a call under way is left to its time-out."""
        self._threads.shutdown(wait=False, cancel_futures=True)
