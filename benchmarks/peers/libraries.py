"""The libraries alone: aiokafka reads, a parser in C makes columns, River's compiled ADWIN sees every value, Arrow
carries the rows to ClickHouse. Nothing is validated, measured, joined, recognised as a duplicate or kept for a restart:
what is built on these libraries costs at least as much.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress
from operator import length_hint
from typing import Any

import clickhouse_connect
import numpy as np
import orjson
import pyarrow as pa
import simdjson
import uvloop
from aiokafka import AIOKafkaConsumer
from river._river_rust.drift import AdaptiveWindowing

from benchmarks.peers.work import ROWS_PER_INSERT, Job, clocks, report

_DETECTOR: Mapping[str, Any] = {
    "delta": 0.002,
    "clock": 32,
    "max_buckets": 5,
    "min_window_length": 5,
    "grace_period": 10,
}
_TEXTS = ("event_id", "prediction")

Columns = Mapping[str, Any]
"""The fields of some events; features by their names beside the others."""


class Detectors:
    """An ADWIN for each feature, and where it saw changes."""

    def __init__(self) -> None:
        self.drifts: list[tuple[str, str]] = []
        self._windows: dict[str, Any] = {}

    def show(self, name: str, values: Sequence[float], event_ids: Sequence[str]) -> None:
        """Feed one feature's next values."""
        rest = iter(values)
        while True:
            window = self._windows.setdefault(name, AdaptiveWindowing(**_DETECTOR))
            if not any(map(window.update, rest)):
                return
            self.drifts.append((name, event_ids[len(values) - length_hint(rest) - 1]))
            del self._windows[name]


def of_batch(value: bytes) -> Columns:
    """A columnar batch; numbers are doubles side by side."""
    document: Any = simdjson.Parser().parse(value)
    features = document["features"]
    numbers = {name: np.frombuffer(features[name].as_buffer(of_type="d")) for name in features}
    times = np.frombuffer(document["timestamp_ms"].as_buffer(of_type="i"), np.int64)
    texts = {name: document[name].as_list() for name in _TEXTS}
    return {**texts, "timestamp": times, "score": np.frombuffer(document["score"].as_buffer(of_type="d")), **numbers}


def of_singles(values: Sequence[bytes]) -> Columns:
    """Single events, side by side."""
    documents = [orjson.loads(value) for value in values]
    fields = ((to, [each[name] for each in documents]) for name, to in (("timestamp_ms", "timestamp"), ("score",) * 2))
    features = zip(*(each["features"].values() for each in documents), strict=True)
    numbers = zip(documents[0]["features"], map(np.array, features), strict=True)
    texts = {name: [each[name] for each in documents] for name in _TEXTS}
    return {**texts, **{name: np.array(column) for name, column in fields}, **dict(numbers)}


def columns_of(messages: Sequence[Any]) -> Iterator[Columns]:
    """The events of a fetch, batch by batch, or all single ones at once."""
    batches = [("type", b"prediction-batch") in message.headers for message in messages]
    yield from (of_batch(message.value) for message in compress(messages, batches))
    if singles := [message.value for message, batch in zip(messages, batches, strict=True) if not batch]:
        yield of_singles(singles)


class Rows:
    """Columns that wait until there are enough for an insert."""

    def __init__(self, job: Job) -> None:
        self._client = clickhouse_connect.get_client(
            host=job.clickhouse_host, port=job.clickhouse_port, database=job.database
        )
        self._waiting: list[pa.Table] = []

    def add(self, columns: Columns) -> None:
        """Let them wait; insert where it is time."""
        times = pa.array(columns["timestamp"].view("datetime64[ms]"))
        self._waiting.append(
            pa.table({name: pa.array(column) for name, column in columns.items()} | {"timestamp": times})
        )
        if sum(table.num_rows for table in self._waiting) >= ROWS_PER_INSERT:
            self.flush()

    def flush(self) -> None:
        """Insert what waits."""
        if self._waiting:
            self._client.insert_arrow("peer_prediction", pa.concat_tables(self._waiting))
            self._waiting.clear()


async def work(job: Job) -> None:
    """Read until the last event."""
    consumer = AIOKafkaConsumer(
        job.topic, bootstrap_servers=job.kafka, group_id=job.group, auto_offset_reset="earliest"
    )
    rows, detectors = Rows(job), Detectors()
    await consumer.start()
    begun, events = None, 0
    while events < job.events:
        for messages in (await consumer.getmany(timeout_ms=1_000, max_records=2_000)).values():
            begun = begun or clocks()
            for columns in columns_of(messages):
                events += len(columns["event_id"])
                for name in columns.keys() - {*_TEXTS, "timestamp", "score"}:
                    detectors.show(name, columns[name].tolist(), columns["event_id"])
                rows.add(columns)
    rows.flush()
    report(events, begun or clocks(), clocks(), detectors.drifts)
    await consumer.stop()


if __name__ == "__main__":
    uvloop.run(work(Job.from_environment()))
