"""What the worker sends to Kafka: alerts, drifts, retrain requests, dead letters, forwarded records, ticks."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiokafka import AIOKafkaProducer

from driftline_schemas.topics import MAX_DEAD_LETTER_BYTES
from driftline_stream_processors.retry import until_done

MAX_PENDING = 5_000
"""Sends under way; beyond it the worker waits for them before it reads on."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """One record to send; `partition` None lets the key decide."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    partition: int | None = None


class Outbox:
    """Sends at once, and before a block is committed waits until the broker has everything.

    A send that fails is repeated until it succeeds: after a restart the same records are sent again anyway, with the
    same ids, so a repetition is no harm and a loss would be one.
    """

    def __init__(self, brokers: str) -> None:
        self._brokers = brokers
        self._producer: AIOKafkaProducer | None = None
        self._pending: list[tuple[Message, asyncio.Future[Any]]] = []
        self._draining = asyncio.Lock()

    async def start(self) -> None:
        """Connect; waits until the broker answers."""
        self._producer = await until_done("Kafka producer", self._connect)

    async def _connect(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._brokers.split(","),
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            max_request_size=MAX_DEAD_LETTER_BYTES,
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    async def send(self, message: Message) -> None:
        """Hand a record to the producer; returns before the broker has it."""
        future = await until_done("Kafka send", lambda: self._submit(message))
        self._pending.append((message, future))
        if len(self._pending) >= MAX_PENDING:
            await self.drain()

    async def drain(self) -> None:
        """Wait until the broker has every record handed over so far, by whomever."""
        async with self._draining:
            done = 0
            try:
                for message, future in list(self._pending):
                    await self._confirmed(message, future)
                    done += 1
            finally:
                del self._pending[:done]  # who is cancelled leaves the rest to others

    async def _confirmed(self, message: Message, future: asyncio.Future[Any]) -> None:
        try:
            await asyncio.shield(future)
        except Exception as error:  # noqa: BLE001 - any failed send is repeated
            log.warning("sending to %s failed, sending again: %s", message.topic, error)
            await until_done("Kafka send", partial(self._submit_and_wait, message))

    async def _submit(self, message: Message) -> asyncio.Future[Any]:
        if self._producer is None:
            raise RuntimeError("the outbox is not started")
        future: asyncio.Future[Any] = await self._producer.send(
            message.topic, message.value, message.key, message.partition, headers=list(message.headers)
        )
        return future

    async def _submit_and_wait(self, message: Message) -> None:
        await (await self._submit(message))

    async def stop(self) -> None:
        """Send what is still under way, for a few seconds, and disconnect."""
        if self._producer is not None:
            await asyncio.wait_for(self._producer.stop(), timeout=5)
