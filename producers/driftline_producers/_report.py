"""The emitter's word about itself, in the log of its model."""

import os
import secrets
import socket
import time

from driftline_producers._counters import Counters
from driftline_producers._kafka import Producer
from driftline_producers._outbox import Outbox
from driftline_schemas import EmitterReport, codec

INTERVAL_SECONDS = 10.0
INTERVAL_AFTER_DROPS_SECONDS = 1.0


def emitter_id() -> str:
    """A name for an emitter, unique per start."""
    return f"{socket.gethostname()[:200]}:{os.getpid()}:{secrets.token_hex(4)}"


class Reporter:
    """Sends an `emitter-report` when the counters have changed: every 10 s, sooner after drops, and at the end.

    The counters are read before it is sent and have the model's key, as the records do: all that a report counts as
    sent lies before it in its partition.

    Args:
        model: Name of the model, and key of the record.
        topic: Where reports go.
        outbox: The account.
        emitter: Names the sending process, as the headers of its records do.
    """

    def __init__(self, model: str, topic: str, outbox: Outbox, emitter: str) -> None:
        self._model = model
        self._topic = topic
        self._outbox = outbox
        self._emitter = emitter
        self._reported = Counters()
        self._reported_at = time.monotonic()
        self._on_its_way = False

    def send_if_due(self, producer: Producer) -> None:
        """Send a report if it is time, unless one is on its way: while Kafka is away they would pile up."""
        counters = self._outbox.counters()
        urgent = counters.dropped != self._reported.dropped
        interval = INTERVAL_AFTER_DROPS_SECONDS if urgent else INTERVAL_SECONDS
        if not self._on_its_way and time.monotonic() - self._reported_at >= interval:
            self._send(producer, counters)

    def send_last(self, producer: Producer) -> None:
        """Send a report if there is news since the last."""
        self._send(producer, self._outbox.counters())

    def _send(self, producer: Producer, counters: Counters) -> None:
        if counters == self._reported:
            return
        self._reported, self._reported_at, self._on_its_way = counters, time.monotonic(), True
        report = EmitterReport(
            model=self._model,
            emitter=self._emitter,
            timestamp_ms=time.time_ns() // 1_000_000,
            logged=counters.logged + counters.outcomes,
            sent=counters.sent,
            dropped=dict(counters.dropped),
            queued=counters.queued,
        )
        sent = producer.send(self._topic, codec.encode(report), self._model.encode(), codec.headers(report))
        sent.add_callback(self._arrived).add_errback(self._lost)

    def _arrived(self, _answer: object) -> None:
        self._on_its_way = False

    def _lost(self, _error: Exception) -> None:
        self._reported, self._on_its_way = Counters(), False
