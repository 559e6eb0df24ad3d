"""The one reader of `driftline.incidents`, and everybody who follows it."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing, contextmanager
from types import TracebackType
from typing import Self

from driftline_dashboard.stream.places import Places
from driftline_dashboard.stream.reading import Step, ends, open_consumer, poll, seek, steps
from driftline_schemas.settings import Settings

MOST_WAITING = 1_000
"""A client for whom so many steps wait is cut off; it comes back and resumes."""

_PAUSE_SECONDS = 2.0
_END_SECONDS = 2.0

logger = logging.getLogger(__name__)


class Follower:
    """What one client has still to get; used in the loop of the feed.

    Attributes:
        start: Where the steps begin that it gets from the feed.
        is_cut_off: Whether it was too slow.
    """

    def __init__(self, start: Places, most_waiting: int) -> None:
        self.start = start
        self.is_cut_off = False
        self._waiting: asyncio.Queue[Step] = asyncio.Queue(most_waiting)

    def put(self, found: Sequence[Step]) -> None:
        """Let it get steps, or cut it off."""
        try:
            for step in found:
                self._waiting.put_nowait(step)
        except asyncio.QueueFull:
            self.is_cut_off = True

    async def steps(self) -> AsyncIterator[Step]:
        """The steps as they come, until it is cut off."""
        while not self.is_cut_off:
            yield await self._waiting.get()


class Feed:
    """Reads while it is entered, in a thread of its own, from the end of the log on; once for all clients.

    Attributes:
        begun: Set as soon as its place in the log is known.
    """

    def __init__(self, settings: Settings, most_waiting: int = MOST_WAITING) -> None:
        self.begun = asyncio.Event()
        self._settings = settings
        self._most_waiting = most_waiting
        self._places = Places()
        self._followers: set[Follower] = set()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="incident-feed", daemon=True)

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        await asyncio.to_thread(self._thread.join, _END_SECONDS)

    @contextmanager
    def follow(self) -> Iterator[Follower]:
        """Follow the log from here on; only after it has `begun`."""
        follower = Follower(Places(self._places), self._most_waiting)
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)

    def _publish(self, found: Sequence[Step], places: Places) -> None:
        self._places = places
        self.begun.set()
        for follower in list(self._followers):
            follower.put(found)
            if follower.is_cut_off:
                self._followers.discard(follower)

    def _run(self) -> None:
        """Read, and after whatever goes wrong read on from where it was."""
        places: Places | None = None
        while not self._ending.is_set():
            try:
                with closing(open_consumer(self._settings)) as consumer:
                    places = places or ends(consumer, self._settings)
                    seek(consumer, self._settings, places)
                    self._tell([], places)
                    while not self._ending.is_set():
                        records = poll(consumer)
                        places = Places({**places, **{each.partition: each.offset + 1 for each in records}})
                        self._tell(list(steps(records)), places)
            except Exception as error:  # noqa: BLE001 - told, and tried again
                logger.warning("reading the incidents failed, next try in %.0f s: %s", _PAUSE_SECONDS, error)
                self._ending.wait(_PAUSE_SECONDS)

    def _tell(self, found: Sequence[Step], places: Places) -> None:
        if not self._ending.is_set():
            self._loop.call_soon_threadsafe(self._publish, found, places)
