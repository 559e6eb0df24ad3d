"""Where the programs of a benchmark run: a broker, an engine, and topics and tables for every measurement."""

import asyncio
import itertools
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer
from clickhouse_connect.driver.client import Client

from benchmarks.event_log import Value
from driftline.stack.parts import CLICKHOUSE, KAFKA
from driftline.stack.stack import Stack
from driftline.topics import create_topics
from driftline_schemas.clickhouse import connect, migrate
from driftline_schemas.partitioner import partition_for
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics

_BATCH_BYTES = 256 * 1024  # as the SDK's producer
_REQUEST_BYTES = 4 * 1024 * 1024
_numbers = itertools.count()


@dataclass(frozen=True)
class Stand:
    """One set of topics, one database.

    Attributes:
        kafka: `host:port`.
        clickhouse: Address of the database.
        topics: Under a prefix of their own.
    """

    kafka: str
    clickhouse: ClickHouseAddress
    topics: Topics

    @cached_property
    def client(self) -> Any:
        """A client of the database."""
        return connect(self.clickhouse)

    def send(self, values: Iterable[Value]) -> Counter[int]:
        """Write records to the partitions of their models, as fast as it goes; return how many each has now."""
        return asyncio.run(self._send(values))

    async def _send(self, values: Iterable[Value]) -> Counter[int]:
        topic, records = self.topics.events.name, Counter[int]()
        async with _producer(self.kafka) as producer:
            batches: dict[int, Any] = {}
            for value in values:
                partition = partition_for(value.model, self.topics.partitions)
                records[partition] += 1
                if not _append(batches.setdefault(partition, producer.create_batch()), value):
                    await producer.send_batch(batches[partition], topic, partition=partition)
                    batches[partition] = producer.create_batch()
                    _append(batches[partition], value)
            for partition, batch in batches.items():
                await producer.send_batch(batch, topic, partition=partition)
        return records


def _producer(kafka: str) -> AIOKafkaProducer:
    return AIOKafkaProducer(bootstrap_servers=kafka, max_batch_size=_BATCH_BYTES, max_request_size=_REQUEST_BYTES)


def _append(batch: Any, value: Value) -> bool:
    headers = [("type", value.kind.encode()), ("emitter", b"bench"), ("events", b"%d" % value.events)]
    return batch.append(key=value.model.encode(), value=value.json, timestamp=None, headers=headers) is not None


@contextmanager
def database(server: ClickHouseAddress) -> Iterator[ClickHouseAddress]:
    """Fresh tables, dropped at the end, so that their merges burden nobody after it."""
    address = replace(server, database=f"bench_{next(_numbers)}")
    migrate(address)
    try:
        yield address
    finally:
        with closing(connect(address)) as client:
            client.command(f"DROP DATABASE {address.database}")


@contextmanager
def stand(kafka: str, clickhouse: ClickHouseAddress, partitions: int = 1) -> Iterator[Stand]:
    """Fresh topics and tables."""
    with database(clickhouse) as address:
        opened = Stand(kafka, address, Topics(f"{address.database}.", partitions))
        create_topics(kafka, opened.topics)
        with closing(opened.client):
            yield opened


@contextmanager
def servers() -> Iterator[tuple[str, ClickHouseAddress]]:
    """Kafka and ClickHouse's engine, from nothing."""
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), parts=[KAFKA, CLICKHOUSE])
        stack.up()
        try:
            environment = stack.environment()
            yield environment["DRIFTLINE_KAFKA"], ClickHouseAddress.parse(environment["DRIFTLINE_CLICKHOUSE"])
        finally:
            stack.down()


def wait_for_merges(client: Client) -> None:
    """Wait until the engine has put together what was stored: asked three times, none runs."""
    held = 0
    while held < 3:
        held = 0 if client.query("SELECT count() FROM system.merges").result_rows[0][0] else held + 1
        time.sleep(0.2)
