"""The partitions that this process owns right now."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from faust.types.tuples import TP

from driftline_detectors import SnapshotError
from driftline_schemas import ConfigurationError
from driftline_schemas.topics import Topics
from driftline_stream_processors.kafka.outbox import Outbox
from driftline_stream_processors.kafka.transport import Chunk
from driftline_stream_processors.memory.limits import BlockLimits
from driftline_stream_processors.memory.recent import Recent
from driftline_stream_processors.memory.state import PartitionState
from driftline_stream_processors.partition import PartitionPipeline
from driftline_stream_processors.storage.formats import migrated
from driftline_stream_processors.storage.keeper import Abandoned
from driftline_stream_processors.storage.store import Store

log = logging.getLogger(__name__)


class LogReader(Protocol):
    """What the worker needs of the consumer."""

    def epoch(self, tp: TP) -> int:
        """How often the partition was rewound."""
        ...

    async def rewind(self, tp: TP, offset: int) -> None:
        """Fetch again from `offset`."""
        ...

    def mark_safe(self, tp: TP, next_offset: int) -> None:
        """Everything before `next_offset` may be committed."""
        ...

    def highwater(self, tp: TP) -> int | None:
        """The offset after the last record of the partition, as of the last fetch."""
        ...


@dataclass
class Owned:
    """A partition in our hands, in one generation of the consumer group.

    `rewound_to` is the offset that was fetched again because records were missing; -1 if none was.
    """

    generation: int
    pipeline: PartitionPipeline
    rewound_to: int = -1


class Worker:
    """Routes chunks to the pipelines of their partitions, and loads a partition's state when it is taken over."""

    def __init__(
        self, topics: Topics, limits: BlockLimits, store: Store, outbox: Outbox, reader: Callable[[], LogReader]
    ) -> None:
        self.owned: dict[TP, Owned] = {}
        self._topics = topics
        self._limits = limits
        self._store = store
        self._outbox = outbox
        self._reader = reader

    async def take(self, chunk: Chunk) -> None:
        """Process the records of a chunk that were not processed yet."""
        owned = await self._own(chunk)
        next_offset = owned.pipeline.state.next_offset
        records = [record for record in chunk.records if record.offset >= next_offset]
        if not records or chunk.epoch != self._reader().epoch(chunk.tp):
            return
        if records[0].offset > next_offset and owned.rewound_to != next_offset:
            # Records are missing: dropped in a rebalance, or never written. Fetch once more to know which.
            owned.rewound_to = next_offset
            await self._reader().rewind(chunk.tp, next_offset)
            return
        with suppress(Abandoned):  # its next owner, or we again, begin at the last snapshot
            await owned.pipeline.process(records)

    def forget(self, tps: set[TP]) -> None:
        """Drop the state of partitions that were revoked; the next owner begins at their last snapshot."""
        for tp in tps:
            owned = self.owned.pop(tp, None)
            if owned is not None:
                owned.pipeline.keeper.abandon()

    async def _own(self, chunk: Chunk) -> Owned:
        owned = self.owned.get(chunk.tp)
        if owned is None or owned.generation != chunk.generation:
            self.forget({chunk.tp})
            pipeline = await self._open(chunk.tp)
            owned = self.owned[chunk.tp] = Owned(chunk.generation, pipeline)
            log.info("%s[%d] begins at offset %d", chunk.tp.topic, chunk.tp.partition, pipeline.state.next_offset)
        return owned

    async def _open(self, tp: TP) -> PartitionPipeline:
        state = await self._load(tp)
        settled_offset = self._reader().highwater(tp) or state.next_offset
        parts = (self._topics, self._store, self._outbox)

        def stored_up_to(next_offset: int) -> None:
            if tp in self.owned and self.owned[tp].pipeline is pipeline:
                self._reader().mark_safe(tp, next_offset)

        pipeline = PartitionPipeline(tp.partition, state, self._limits, settled_offset, *parts, stored_up_to)
        return pipeline

    async def _load(self, tp: TP) -> PartitionState:
        """The state at the last snapshot.

        Raises:
            SnapshotError: It cannot be used; the worker ends, and a line of its log says what to do.
        """
        try:
            loaded = await self._store.load(tp.partition)
            if loaded is None:
                return PartitionState.begin(tp.partition, self._limits)
            state = PartitionState.restore(migrated(loaded), tp.partition)
        except SnapshotError as error:
            log.critical("cannot go on with %s[%d]: %s", tp.topic, tp.partition, error)
            raise
        end = self._reader().highwater(tp)
        if end is not None and state.next_offset > end:
            raise ConfigurationError(
                f"{tp.topic}[{tp.partition}] ends at offset {end}, but the stored snapshot is at {state.next_offset}: "
                "the topic was made anew, or DRIFTLINE_CLICKHOUSE belongs to another installation. Use a database of "
                "its own, or delete the rows of table snapshot"
            )
        marks = state.recent.marks
        stored = await self._store.recent(tp.partition, marks.elder_offset, state.next_offset)
        state.recent = Recent.restore(marks, stored)
        return state
