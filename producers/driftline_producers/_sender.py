"""The one thread that talks to Kafka; everything that waits, waits here."""

import itertools
import logging
import random
import threading
import time

from driftline_producers._counters import INVALID, NOT_DELIVERED
from driftline_producers._kafka import Producer, open_producer
from driftline_producers._outbox import Outbox
from driftline_producers._report import Reporter
from driftline_schemas import codec
from driftline_schemas.errors import InvalidRecord

_log = logging.getLogger("driftline_producers")

CHUNK_RECORDS = 500
IDLE_SECONDS = 1.0
CONNECT_SECONDS = 5.0
BACKOFF_SECONDS = 0.1
MAX_BACKOFF_SECONDS = 5.0


class Sender(threading.Thread):
    """Connects, and connects again; takes records from the outbox, checks them against the contract and sends them.

    Args:
        model: Name of the model, and key of every record.
        kafka: `host:port[,host:port]`.
        topic: Where the records go.
        outbox: Where they come from.
    """

    def __init__(self, model: str, kafka: str, topic: str, outbox: Outbox) -> None:
        super().__init__(name=f"driftline-sender-{model}", daemon=True)
        self._model = model
        self._kafka = kafka
        self._topic = topic
        self._outbox = outbox
        self._reporter = Reporter(model, topic, outbox)
        self._deadline = float("inf")
        self._ending = threading.Event()
        self._failed = threading.Event()
        self._warned: set[str] = set()

    def end(self, deadline: float) -> None:
        """Send what is waiting, report, and end; at `deadline` (of `time.monotonic`) at the latest."""
        self._deadline = deadline
        self._ending.set()

    def run(self) -> None:
        """Send until the end; a producer that fails is replaced."""
        drained = False
        while not drained and (producer := self._connect()) is not None:
            try:
                drained = self._pump(producer)
                if drained:
                    self._outbox.wait_settled(self._remaining())
                self._reporter.send_last(producer)
            except Exception:  # noqa: BLE001 - the thread must outlive whatever a client library may raise
                _log.exception("%s: sending to %s failed; connecting again", self._model, self._kafka)
            finally:
                producer.close(min(CONNECT_SECONDS, self._remaining()))
            if not drained:
                self._pause(BACKOFF_SECONDS)

    def _connect(self) -> Producer | None:
        """A producer, however long it takes; None when the end came first."""
        for attempt in itertools.count():
            try:
                return open_producer(self._kafka, self._topic, max(0.1, min(CONNECT_SECONDS, self._remaining())))
            except Exception as error:  # noqa: BLE001 - the thread must outlive whatever a client library may raise
                self._warn("away", f"{error}; records wait in memory")
            self._pause(min(MAX_BACKOFF_SECONDS, BACKOFF_SECONDS * 2**attempt) * random.uniform(0.5, 1.0))  # noqa: S311
            if not self._remaining():
                break
        return None

    def _pump(self, producer: Producer) -> bool:
        """Send until everything was handed over at the end (True) or the producer failed (False)."""
        self._warned.discard("away")
        self._failed.clear()
        while not self._failed.is_set():
            records = self._outbox.take(CHUNK_RECORDS, IDLE_SECONDS)
            for kind, value in records:
                self._send(producer, kind, value)
            self._reporter.send_if_due(producer)
            if self._ending.is_set() and not records:
                return True
        return False

    def _send(self, producer: Producer, kind: str, value: bytes) -> None:
        try:
            codec.decode(kind, value)
        except InvalidRecord as error:
            self._outbox.settle(len(value), INVALID)
            self._warn(INVALID, f"{kind} is not what the contract allows ({error}); further ones are only counted")
            return
        try:
            sent = producer.send(self._topic, value, self._model.encode(), [("type", kind.encode())])
        except Exception as error:  # noqa: BLE001 - whatever it is, this record is not on its way
            self._undelivered(len(value), error)
        else:
            sent.add_callback(self._delivered, len(value)).add_errback(self._undelivered, len(value))

    def _delivered(self, size_bytes: int, _metadata: object) -> None:
        self._outbox.settle(size_bytes)

    def _undelivered(self, size_bytes: int, error: Exception) -> None:
        self._outbox.settle(size_bytes, NOT_DELIVERED)
        self._failed.set()
        self._warn(NOT_DELIVERED, f"Kafka did not take a record ({error!r}); further ones are only counted")

    def _pause(self, seconds: float) -> None:
        if self._ending.is_set():
            time.sleep(min(seconds, self._remaining()))
        else:
            self._ending.wait(seconds)

    def _remaining(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    def _warn(self, reason: str, message: str) -> None:
        if reason not in self._warned:
            self._warned.add(reason)
            _log.warning("%s: %s", self._model, message)
