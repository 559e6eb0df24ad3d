"""Keeps a watchdog: asks Kafka where the log ends, and tells people about a worker that stands still."""

import asyncio
import time
from collections.abc import Callable, Set
from contextlib import suppress
from datetime import UTC, datetime
from typing import Protocol

from aiokafka import AIOKafkaConsumer
from faust.types.tuples import TP

from driftline_schemas import Alert, LogPosition, Unavailable, codec
from driftline_schemas.topics import Topics
from driftline_stream_processors.kafka.outbox import Message, Outbox
from driftline_stream_processors.position import Position, log_id
from driftline_stream_processors.watchdog import Place, Stall, Watchdog
from driftline_stream_processors.worker import Worker

ANSWER_SECONDS = 10.0
"""Kafka counts as away when it has not answered by then."""


class Assignment(Protocol):
    """What the watch needs of the consumer."""

    def assignment(self) -> Set[TP]:
        """The partitions that the group has given to this process."""
        ...

    def committed(self, tp: TP) -> int | None:
        """The offset that the group has committed, as far as this process knows."""
        ...


class Watch:
    """Looks where the worker is and where the log ends, over a connection of its own.

    The fetcher's own knowledge of the end does not grow while the worker takes nothing.

    Attributes:
        kafka_away: What the last question to Kafka came to; None while it answers.
        stalls: The partitions that stand still now.
    """

    def __init__(
        self, brokers: str, pipeline: str, topics: Topics, worker: Worker, outbox: Outbox,
        reader: Callable[[], Assignment],
    ) -> None:  # fmt: skip
        self.kafka_away: Unavailable | None = None
        self._watchdog = Watchdog(time.time)
        self._brokers = brokers
        self._pipeline = pipeline
        self._topics = topics
        self._worker = worker
        self._outbox = outbox
        self._reader = reader
        self._consumer: AIOKafkaConsumer | None = None

    @property
    def stalls(self) -> dict[int, Stall]:
        """By partition."""
        return self._watchdog.stalls

    async def look(self) -> None:
        """Look once; called every few seconds. Each stall is told once."""
        try:
            places = await asyncio.wait_for(self._places(), ANSWER_SECONDS)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is said in /healthz and asked again
            self.kafka_away = Unavailable(f"Kafka at {self._brokers} does not answer ({error!r})")
            await self.stop()
            return
        self.kafka_away = None
        for stall in self._watchdog.observe(places):
            await self._outbox.send(self._alert(stall))

    async def stop(self) -> None:
        """Disconnect."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            with suppress(Exception):
                await asyncio.wait_for(consumer.stop(), ANSWER_SECONDS)

    async def _places(self) -> dict[int, Place]:
        """Every partition of ours: a partition of which nothing was taken yet stands where the group has committed."""
        if self._consumer is None:
            consumer = AIOKafkaConsumer(bootstrap_servers=self._brokers.split(","), group_id=None)
            self._consumer = consumer
            await consumer.start()
        ours = [tp for tp in self._reader().assignment() if tp.topic == self._topics.events.name]
        if not ours:
            return {}
        begins, ends = await asyncio.gather(self._consumer.beginning_offsets(ours), self._consumer.end_offsets(ours))
        return {tp.partition: Place(self._next_offset(tp, begins[tp]), ends[tp]) for tp in ours}

    def _next_offset(self, tp: TP, begin: int) -> int:
        owned = self._worker.owned.get(tp)
        return owned.pipeline.state.next_offset if owned else self._reader().committed(tp) or begin

    def _alert(self, stall: Stall) -> Message:
        """The same stall has the same id, whoever sees it."""
        topic = self._topics.events.name
        at = Position(stall.partition, stall.offset, 0, 0)
        since = datetime.fromtimestamp(stall.since, UTC)
        alert = Alert(
            alert_id=log_id(topic, at, "stall"),
            model=self._pipeline,
            kind="pipeline",
            severity="critical",
            message=(
                f"{topic}[{stall.partition}] stands still at offset {stall.offset} since {since:%H:%M:%S} UTC and "
                f"{stall.lag:,} records wait: see /healthz of the worker and its log, bring ClickHouse back if it is "
                "away, otherwise restart the worker; nothing is lost until Kafka's retention ends"
            ),
            detected=LogPosition(partition=stall.partition, offset=stall.offset, timestamp_ms=int(1000 * stall.since)),
        )
        return Message(self._topics.alerts.name, self._pipeline.encode(), codec.encode(alert))
