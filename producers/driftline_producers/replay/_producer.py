"""Sends every record, and waits rather than drop one."""

import threading
import time
from types import TracebackType
from typing import Self

from kafka.errors import KafkaError

from driftline_producers._kafka import open_producer
from driftline_producers.replay._record import Record
from driftline_schemas.errors import Unavailable

MAX_UNCONFIRMED_BYTES = 32 * 1024 * 1024
CONNECT_SECONDS = 10.0
STALL_SECONDS = 60.0


class WaitingProducer:
    """Holds at most 32 MiB of unconfirmed records, and one more; the caller waits while there are more.

    Args:
        kafka: `host:port[,host:port]`.
        topic: Where records go; it must exist.

    Raises:
        Unavailable: Kafka does not answer, or the topic does not exist.
    """

    def __init__(self, kafka: str, topic: str) -> None:
        self._kafka = kafka
        self._topic = topic
        self._producer = open_producer(kafka, topic, CONNECT_SECONDS)
        self._lock = threading.Lock()
        self._confirmed = threading.Condition(self._lock)
        self._unconfirmed_bytes = 0
        self._fault: Exception | None = None

    def send(self, record: Record) -> None:
        """Send a record, waiting for room.

        Raises:
            Unavailable: Kafka refused a record, or has confirmed none for a minute.
        """
        self._wait_for(MAX_UNCONFIRMED_BYTES)
        size_bytes = len(record.value)
        with self._lock:
            self._unconfirmed_bytes += size_bytes
        try:
            sent = self._producer.send(self._topic, record.value, record.model.encode(), record.headers)
        except KafkaError as error:
            raise Unavailable(f"Kafka at {self._kafka} takes no record: {error!r}") from error
        sent.add_callback(self._settle, size_bytes).add_errback(self._settle, size_bytes)

    def close(self) -> None:
        """Wait until every record is confirmed, and end.

        Raises:
            Unavailable: Kafka refused a record, or has confirmed none for a minute.
        """
        try:
            self._wait_for(0)
        finally:
            self._producer.close(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._producer.close(0)

    def _settle(self, size_bytes: int, answer: object) -> None:
        with self._lock:
            self._unconfirmed_bytes -= size_bytes
            if isinstance(answer, Exception):
                self._fault = answer
            self._confirmed.notify_all()

    def _wait_for(self, most_bytes: int) -> None:
        with self._lock:
            while self._fault is None and self._unconfirmed_bytes > most_bytes:
                before, deadline = self._unconfirmed_bytes, time.monotonic() + STALL_SECONDS
                self._confirmed.wait(STALL_SECONDS)
                if self._unconfirmed_bytes == before and time.monotonic() >= deadline:
                    raise Unavailable(f"Kafka at {self._kafka} has confirmed nothing for {STALL_SECONDS:.0f} s")
            if self._fault is not None:
                raise Unavailable(f"Kafka at {self._kafka} refused a record: {self._fault!r}") from self._fault
