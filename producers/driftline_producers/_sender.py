"""The one thread that packs and sends; nothing in it waits for Kafka until the end."""

import logging
import threading
import time
from collections import deque

from driftline_producers._batch import Batch
from driftline_producers._connection import Connection
from driftline_producers._counters import INVALID, NOT_DELIVERED
from driftline_producers._kafka import Producer
from driftline_producers._outbox import Outbox
from driftline_producers._pack import pack
from driftline_producers._report import Reporter, emitter_id

_log = logging.getLogger("driftline_producers")


class Sender(threading.Thread):
    """Takes rows from the outbox, packs them into batches that the contract accepts, and sends these.

    Args:
        model: Name of the model, and key of every record.
        kafka: `host:port[,host:port]`.
        topic: Where the records go.
        outbox: Where the rows come from.
    """

    def __init__(self, model: str, kafka: str, topic: str, outbox: Outbox) -> None:
        super().__init__(name=f"driftline-sender-{model}", daemon=True)
        self._model = model
        self._topic = topic
        self._outbox = outbox
        self._connection = Connection(model, kafka, topic)
        self._emitter = emitter_id()
        self._reporter = Reporter(model, topic, outbox, self._emitter)
        self._unsent: deque[tuple[int, Batch]] = deque()
        self._deadline = float("inf")
        self._ending = threading.Event()
        self._failed: Producer | None = None
        self._warned: set[str] = set()

    def end(self, deadline: float) -> None:
        """Send what is waiting, report, and end; at `deadline` (of `time.monotonic`) at the latest."""
        self._deadline = deadline
        self._connection.end(deadline)
        self._ending.set()

    def run(self) -> None:
        """Send until the end; a producer that fails is replaced."""
        self._connection.open()
        while not self._ending.is_set():
            producer = self._connection.producer()
            try:
                self._pack()
                self._deliver(producer)
            except Exception:  # noqa: BLE001 - the thread must outlive whatever a client library may raise
                _log.exception("%s: sending to %s failed; connecting again", self._model, self._topic)
                self._failed = producer
            if producer is not None and producer is self._failed:
                self._connection.open()
        self._finish()

    def _finish(self) -> None:
        while self._pack():
            pass
        try:
            producer = self._connection.producer(self._remaining())
            self._deliver(producer)
            if producer is not None:
                self._outbox.wait_settled(self._remaining())
                self._reporter.send_last(producer)
        except Exception:  # noqa: BLE001 - as above
            _log.exception("%s: sending to %s failed at the end", self._model, self._topic)
        finally:
            self._connection.close()
            self._unsent.clear()

    def _pack(self) -> bool:
        """Pack what the outbox gives; False when it gave nothing."""
        kind, columns = self._outbox.take()
        if not columns:
            return False
        for batch in pack(self._model, kind, columns, lambda error: self._refuse(kind, error)):
            if accepted := self._outbox.accept(kind, batch):
                self._unsent.append((accepted, batch))
        return True

    def _refuse(self, kind: str, error: Exception) -> None:
        self._outbox.reject(INVALID)
        self._warn(INVALID, f"{kind} is not what the contract allows ({error}); further ones are only counted")

    def _deliver(self, producer: Producer | None) -> None:
        if producer is None:
            return
        while self._unsent:
            self._send(producer, *self._unsent.popleft())
        self._reporter.send_if_due(producer)

    def _send(self, producer: Producer, accepted: int, batch: Batch) -> None:
        headers = [
            ("type", batch.kind.encode()),
            ("emitter", self._emitter.encode()),
            ("events", b"%d" % batch.events),
        ]
        try:
            sent = producer.send(self._topic, batch.value, self._model.encode(), headers)
        except Exception as error:  # noqa: BLE001 - whatever it is, this record is not on its way
            self._undelivered(producer, accepted, error)
        else:
            sent.add_callback(self._delivered, accepted).add_errback(self._undelivered, producer, accepted)

    def _delivered(self, accepted: int, _metadata: object) -> None:
        self._outbox.settle(accepted, sent=True)

    def _undelivered(self, producer: Producer, accepted: int, error: Exception) -> None:
        self._outbox.settle(accepted, sent=False)
        self._failed = producer
        self._warn(NOT_DELIVERED, f"Kafka did not take a record ({error!r}); further ones are only counted")

    def _remaining(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    def _warn(self, reason: str, message: str) -> None:
        if reason not in self._warned:
            self._warned.add(reason)
            _log.warning("%s: %s", self._model, message)
