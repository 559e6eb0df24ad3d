"""Writes to the log of some models, and waits until the worker has stored it."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from kafka import KafkaProducer

from benchmarks.event_log import Value
from benchmarks.measured import TIMEOUT_SECONDS, BenchmarkError
from benchmarks.stand import Stand
from benchmarks.worker_run import Worker
from driftline_schemas.codec import encode, headers
from driftline_schemas.events.tick import Tick

ASK_SECONDS = 0.05
_SEND_SECONDS = 30.0
_STORED = "SELECT max(last_offset) FROM block_log"


class Log:
    """A stand's log, in its only partition: a block ends when it is asked to."""

    def __init__(self, stand: Stand, worker: Worker, producer: KafkaProducer) -> None:
        self._stand = stand
        self._worker = worker
        self._producer = producer

    def append(self, value: Value) -> None:
        """Append a record."""
        self._send(value.model.encode(), value.json, [("type", value.kind.encode())])

    def store(self) -> None:
        """End the open block, and wait until the worker has stored it."""
        offset = self._send(None, encode(Tick()), headers(Tick())).get(_SEND_SECONDS).offset
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while self._stand.client.query(_STORED).first_row[0] < offset:
            if self._worker.process.poll() is not None or time.monotonic() > deadline:
                raise BenchmarkError(f"the worker did not store the log: {self._worker.log.read_text()[-2000:]}")
            time.sleep(ASK_SECONDS)

    def _send(self, key: bytes | None, value: bytes, named: list[tuple[str, bytes]]) -> Any:
        return self._producer.send(self._stand.topics.events.name, key=key, value=value, headers=named, partition=0)


@contextmanager
def opened(stand: Stand, worker: Worker) -> Iterator[Log]:
    """The log of a stand whose topics have one partition."""
    with closing(KafkaProducer(bootstrap_servers=stand.kafka, linger_ms=0)) as producer:
        yield Log(stand, worker, producer)
