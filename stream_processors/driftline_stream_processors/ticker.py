"""Time in the log: the owner of a partition appends ticks, so that open blocks end and silence is seen.

A worker's clock decides only when a tick is written, never what is stored.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from faust.types.tuples import TP

from driftline_stream_processors.kafka.outbox import Outbox
from driftline_stream_processors.steps.messages import tick
from driftline_stream_processors.worker import LogReader, Owned, Worker

BLOCK_AGE_SECONDS = 1.0
"""A block that is open this long is ended, once its partition is read to the end."""

SILENCE_SECONDS = 10.0
"""While there are models to watch, or a state to store, a partition gets a tick at least this often."""


@dataclass
class _Clock:
    """When this worker first saw the block that is open, and when it last ticked."""

    block_offset: int = -1
    block_seen_at: float = 0.0
    ticked_at: float = 0.0
    ticked_offset: int = -1


class Ticker:
    """Appends ticks to the partitions that are read to their end."""

    def __init__(
        self,
        worker: Worker,
        outbox: Outbox,
        reader: Callable[[], LogReader],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._worker = worker
        self._outbox = outbox
        self._reader = reader
        self._now = clock
        self._clocks: dict[TP, _Clock] = {}

    async def tick(self) -> None:
        """Append a tick wherever one is due; called a few times a second."""
        for tp, owned in list(self._worker.owned.items()):
            if self._due(tp, owned):
                await self._outbox.send(tick(tp.topic, tp.partition))

    def _due(self, tp: TP, owned: Owned) -> bool:
        clock = self._clocks.setdefault(tp, _Clock(ticked_at=self._now()))
        block, state, now = owned.pipeline.block, owned.pipeline.state, self._now()
        if block.records == 0 or clock.block_offset != block.first_offset:
            clock.block_offset, clock.block_seen_at = (block.first_offset if block.records else -1), now
        end = self._reader().highwater(tp)
        if end is None or state.next_offset < end or state.next_offset <= clock.ticked_offset:
            return False
        if owned.pipeline.keeper.busy:
            return False  # one more block would have to wait for it, and all records behind it
        aged = block.records > 0 and now - clock.block_seen_at >= BLOCK_AGE_SECONDS
        waiting = len(state.monitors) > 0 or owned.pipeline.keeper.stored_offset < state.next_offset
        silent = waiting and now - clock.ticked_at >= SILENCE_SECONDS
        if aged or silent:
            clock.ticked_at, clock.ticked_offset = now, state.next_offset
        return aged or silent
