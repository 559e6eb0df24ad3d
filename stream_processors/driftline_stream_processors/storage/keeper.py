"""Storing what has ended while the next block fills."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from driftline_stream_processors.kafka.outbox import Outbox
from driftline_stream_processors.storage.block import Block
from driftline_stream_processors.storage.pace import SnapshotPace
from driftline_stream_processors.storage.store import Store


class Abandoned(Exception):
    """The partition was taken away while its blocks were being stored; its next owner stores them."""


class Saved(NamedTuple):
    """A stored snapshot.

    Attributes:
        at: When it was stored, in seconds since 1970; for people, nothing depends on it.
        size_bytes: Of it, compressed.
    """

    at: float
    size_bytes: int


class Keeper:
    """Stores the blocks of one partition, one after the other, and where it is due the state after them.

    Attributes:
        pace: Says when a snapshot is due.
        stored_offset: Everything before it is stored, snapshot included.
        saved: The last snapshot that this process stored; None before.
    """

    def __init__(
        self, partition: int, offset: int, store: Store, outbox: Outbox, stored_up_to: Callable[[int], None]
    ) -> None:
        self.pace = SnapshotPace()
        self.stored_offset = offset
        self.saved: Saved | None = None
        self._partition = partition
        self._store = store
        self._outbox = outbox
        self._stored_up_to = stored_up_to
        self._storing: asyncio.Task[None] | None = None

    async def keep(self, block: Block, snapshot: Mapping[str, Any] | None) -> None:
        """Begin to store a block, and the state after it if there is one, once the block before is stored."""
        await self.stored()
        self._storing = asyncio.create_task(self._keep(block, snapshot))

    async def _keep(self, block: Block, snapshot: Mapping[str, Any] | None) -> None:
        await self._store.insert(block)
        if snapshot is None:
            return
        await self._outbox.drain()
        next_offset = snapshot["next_offset"]
        with self.pace.measured():
            size_bytes = await self._store.save(self._partition, next_offset, snapshot)
        self.saved = Saved(time.time(), size_bytes)
        self.stored_offset = next_offset
        self._stored_up_to(next_offset)  # only now may its offsets be committed

    @property
    def busy(self) -> bool:
        """Whether a block is being stored."""
        return self._storing is not None and not self._storing.done()

    async def stored(self) -> None:
        """Wait until every block that has ended is stored.

        Raises:
            Abandoned: They are not stored any more.
        """
        if self._storing is not None:
            await asyncio.wait((self._storing,))
            if self._storing.cancelled():
                raise Abandoned
            self._storing.result()

    def abandon(self) -> None:
        """Stop storing; the partition's next owner begins at the last snapshot."""
        if self._storing is not None:
            self._storing.cancel()
