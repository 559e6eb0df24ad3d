"""Worker processes on the real broker and engine, and what they left in the tables."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from clickhouse_connect.driver.client import Client
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from driftline.stack.ports import draw_port
from driftline_schemas.clickhouse import connect
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics

START = (
    "import os; from driftline_schemas.settings import Settings; from driftline_stream_processors.main import run; "
    "run(Settings.from_environment(os.environ), os.environ['PIPELINE'])"
)


class NotText(str):
    """A header's name that is not UTF-8, as a client in C may write it."""

    def encode(self, *_: object) -> bytes:
        return b"\xff\xfe" + super().encode()


@dataclass(frozen=True)
class Worker:
    """A running worker process."""

    process: subprocess.Popen[bytes]
    port: int

    def health(self) -> dict[str, Any] | None:
        """What `/healthz` says; None while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                document: dict[str, Any] = json.load(answer)
                return document
        except urllib.error.HTTPError as error:
            with error:
                degraded: dict[str, Any] = json.load(error)
                return degraded
        except OSError:
            return None


@dataclass(frozen=True)
class Installation:
    """One set of topics and one database."""

    kafka: str
    topics: Topics
    database: ClickHouseAddress
    folder: Path
    block_records: int = 1000
    ports: dict[str, int] = field(default_factory=dict)

    def environment(self, pipeline: str, port: int) -> dict[str, str]:
        """What a worker process reads."""
        address = self.database
        return {
            "PATH": "/usr/bin:/bin",
            "PIPELINE": self.topics.prefix + pipeline,
            "DRIFTLINE_KAFKA": self.kafka,
            "DRIFTLINE_CLICKHOUSE": f"http://{address.username}@{address.host}:{address.port}/{address.database}",
            "DRIFTLINE_TOPIC_PREFIX": self.topics.prefix,
            "DRIFTLINE_PARTITIONS": str(self.topics.partitions),
            "DRIFTLINE_WORKER_PORT": str(port),
            "DRIFTLINE_BLOCK_RECORDS": str(self.block_records),
        }

    @cached_property
    def _client(self) -> Client:
        """One for all queries: to connect costs as much as to ask, and tests ask until an answer comes."""
        return connect(self.database)

    def close(self) -> None:
        """Leave ClickHouse."""
        self._client.close()

    @contextmanager
    def worker(self, pipeline: str = "test", start: str = START) -> Iterator[Worker]:
        """Run a worker by this Python text; it is killed at the end, if it still runs."""
        port = self.ports.setdefault(pipeline, draw_port())  # a worker that starts again is the same group member
        with (self.folder / f"worker-{pipeline}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", start],
                env=self.environment(pipeline, port),
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        try:
            yield Worker(process, port)
        finally:
            process.kill()
            process.wait(timeout=20)

    def query(self, sql: str) -> Sequence[Sequence[Any]]:
        """Rows of a query."""
        rows: Sequence[Sequence[Any]] = self._client.query(sql).result_rows
        return rows

    def records_stored(self) -> int:
        """Records, without ticks, in blocks that are stored with all their rows: a block's own row comes last."""
        return int(self.query("SELECT sum(records - ticks) FROM blocks")[0][0])

    def stored_offset(self, pipeline: str = "test") -> dict[int, int]:
        """Per partition, the offset of the newest snapshot."""
        rows = self.query(
            "SELECT partition, max(next_offset) FROM snapshot "
            f"WHERE pipeline = '{self.topics.prefix}{pipeline}' GROUP BY 1"
        )
        return {int(partition): int(offset) for partition, offset in rows}

    def end_offsets(self) -> dict[int, int]:
        """Per partition, the offset after its last record."""
        consumer = KafkaConsumer(bootstrap_servers=self.kafka)
        try:
            partitions = [TopicPartition(self.topics.events.name, p) for p in range(self.topics.partitions)]
            return {tp.partition: offset for tp, offset in consumer.end_offsets(partitions).items()}
        finally:
            consumer.close()

    def send(
        self,
        records: Sequence[tuple[str | None, bytes, str | None]],
        partition: int | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Write (type, value, key) records as any client would: plain kafka-python, no SDK."""
        producer = KafkaProducer(bootstrap_servers=self.kafka, acks="all", max_request_size=8 * 1024 * 1024)
        try:
            for record_type, value, key in records:
                named = {**headers, "type": record_type} if record_type else headers
                producer.send(
                    self.topics.events.name,
                    value=value,
                    key=key.encode() if key else None,
                    headers=[(name, text.encode()) for name, text in named.items()],
                    partition=partition,
                )
            producer.flush(timeout=60)
        finally:
            producer.close(timeout=10)


def wait_for(what: str, condition: Callable[[], bool], timeout_seconds: float = 60) -> None:
    """Poll until the condition holds; fail with its name after the time-out."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_seconds} s: {what}")
        time.sleep(0.1)


def prediction(event_id: str, model: str = "fraud", **fields: Any) -> bytes:
    """A prediction as a foreign client writes it."""
    document = {
        "event_id": event_id,
        "model": model,
        "timestamp_ms": 1_763_870_000_000,
        "features": {"amount": 1.0},
        "prediction": "ok",
        **fields,
    }
    return json.dumps(document).encode()


def outcome(event_id: str, label: Any, model: str = "fraud", **fields: Any) -> bytes:
    """An outcome as a foreign client writes it."""
    document = {"event_id": event_id, "model": model, "label": label, "timestamp_ms": 1_763_873_600_000, **fields}
    return json.dumps(document).encode()
