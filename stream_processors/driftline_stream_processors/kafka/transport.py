"""Faust's consumer, changed to hand over whole fetched chunks; the only file that touches Faust's private parts.

A plain Faust agent costs about 80 µs per record, most of it for waking up once per record. Here one Faust event
carries all records of one partition that one fetch returned. Offsets are not acknowledged record by record: the
worker names, per partition, the offset up to which everything is safely stored, and only that is committed.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiokafka.errors import IllegalStateError
from aiokafka.structs import ConsumerRecord
from faust.events import Event
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP, ConsumerMessage
from yarl import URL

from driftline_stream_processors.kafka import fetched


@dataclass(frozen=True, slots=True)
class Chunk:
    """The records of one partition that one fetch returned, in offset order, never empty.

    Attributes:
        tp: Topic and partition.
        records: Raw records.
        generation: The consumer group's generation in which they were fetched.
        epoch: How often the partition had been rewound when the fetch began.
    """

    tp: TP
    records: Sequence[ConsumerRecord]
    generation: int
    epoch: int


class ChunkConsumer(driver.Consumer):
    """One event per fetched chunk, committed up to where the worker says."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._safe: dict[TP, int] = {}
        self._epochs: dict[TP, int] = {}
        super().__init__(*args, **kwargs)

    def mark_safe(self, tp: TP, next_offset: int) -> None:
        """Let everything before `next_offset` be committed; called by the worker after its snapshot is stored."""
        self._safe[tp] = next_offset

    def epoch(self, tp: TP) -> int:
        """How often `tp` was rewound; chunks of an older epoch are to be dropped."""
        return self._epochs.get(tp, 0)

    async def rewind(self, tp: TP, offset: int) -> None:
        """Fetch `tp` again from `offset`; chunks already under way keep the old epoch."""
        self._epochs[tp] = self.epoch(tp) + 1
        await self.seek(tp, offset)

    def committed(self, tp: TP) -> int | None:
        """The offset that the group has committed, as far as this process knows."""
        offset: int | None = self._committed_offset.get(tp)
        return offset

    async def on_partitions_revoked(self, revoked: Set[TP]) -> None:
        """Forget what may be committed: the next owner decides from its own snapshot."""
        for tp in revoked:
            self._safe.pop(tp, None)
        await super().on_partitions_revoked(revoked)

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return (tp for tp in list(self._safe) if topics is None or tp in topics or tp.topic in topics)

    def _new_offset(self, tp: TP) -> int | None:
        return self._safe.get(tp)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Do nothing: Faust's stall detector counts single messages, which this consumer does not have."""

    async def _drain_messages(self, fetcher: Any) -> None:
        """Run as Faust's fetcher task: fetch, and put one event per partition on the agent's queue."""
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):
                epochs = dict(self._epochs)
                records, active = await self._wait_next_records(1.0)
                await self.sleep(0)
                if self.should_stop:
                    return
                await self._deliver(records or {}, active, epochs)
        except asyncio.CancelledError:
            if not fetcher.should_stop:  # at the end it is no crash, whatever Faust makes of it during a rebalance
                raise
        except self.consumer_stopped_errors:
            if not self.transport.app.should_stop:
                raise

    async def _deliver(
        self, records: Mapping[TP, Sequence[ConsumerRecord]], active: Set[TP] | None, epochs: Mapping[TP, int]
    ) -> None:
        """Hand over what was fetched; what a rebalance does not let through is fetched again.

        Faust would go back to what is committed, and not at all where nothing is: the records that a worker fetched
        of a new partition before it may work would be lost to it until others come.
        """
        generation = self.app.consumer_generation_id
        for tp, found in records.items():
            is_ours = active is None or tp in active
            flows = self.flow_active and self.app.consumer_generation_id == generation
            if is_ours and flows and await self._offer(Chunk(tp, found, generation, epochs.get(tp, 0))):
                self._read_offset[tp] = found[-1].offset
            else:
                with suppress(IllegalStateError):  # it is another worker's now
                    await self.seek(tp, found[0].offset)

    async def _offer(self, chunk: Chunk) -> bool:
        """Wait for room on the agent's queue; False when a rebalance or the end comes first.

        A rebalance cancels who waits for room, which Faust's own `wait_first` takes for a crash.
        """
        enqueued = asyncio.ensure_future(self._enqueue(chunk))
        others = [asyncio.ensure_future(event.wait()) for event in (self.suspend_flow, self._stopped)]
        try:
            await asyncio.wait((enqueued, *others), return_when=asyncio.FIRST_COMPLETED)
            if not enqueued.done() or enqueued.cancelled():
                return False
            enqueued.result()
            return True
        finally:
            for waiting in (enqueued, *others):
                waiting.cancel()

    async def _enqueue(self, chunk: Chunk) -> None:
        conductor: Any = self.app.topics
        for channel in conductor._tp_index.get(chunk.tp, ()):
            await channel.queue.put(Event(self.app, None, chunk, None, self._message(chunk)))

    def _message(self, chunk: Chunk) -> ConsumerMessage:
        last = chunk.records[-1]
        return ConsumerMessage(
            last.topic,
            last.partition,
            last.offset,
            last.timestamp / 1000.0,
            last.timestamp_type,
            None,
            None,
            None,
            None,
            0,
            0,
            chunk.tp,
            generation_id=chunk.generation,
        )


class _ChunkTransport(driver.Transport):
    Consumer = ChunkConsumer


def install(app: Any) -> Callable[[], ChunkConsumer]:
    """Make `app` fetch by chunks; return a function that gives its consumer."""
    fetched.install()
    app.transport = _ChunkTransport([URL(str(url)) for url in app.conf.broker_consumer], app)

    def consumer() -> ChunkConsumer:
        found: ChunkConsumer = app.consumer
        return found

    return consumer
