"""A producer, looked for by a thread of its own, so that the sending thread can go on packing."""

import itertools
import logging
import random
import threading
import time

from driftline_producers._kafka import Producer, open_producer

_log = logging.getLogger("driftline_producers")

CONNECT_SECONDS = 5.0
BACKOFF_SECONDS = 0.1
MAX_BACKOFF_SECONDS = 5.0


class Connection:
    """Connects, and connects again; the first of failures in a row is told.

    Args:
        owner: Begins what is told.
        kafka: `host:port[,host:port]`.
        topic: Must exist before there is a producer.
    """

    def __init__(self, owner: str, kafka: str, topic: str) -> None:
        self._owner = owner
        self._kafka = kafka
        self._topic = topic
        self._deadline = float("inf")
        self._ending = threading.Event()
        self._opened = threading.Event()
        self._producer: Producer | None = None

    def open(self) -> None:
        """Begin to look for a producer, in place of the one that there may be: what that has not sent fails."""
        failed, self._producer = self._producer, None
        self._opened.clear()
        name = f"driftline-connect-{self._owner}"
        threading.Thread(target=self._open, args=(failed,), name=name, daemon=True).start()

    def producer(self, timeout_seconds: float = 0.0) -> Producer | None:
        """The producer, as soon as there is one; None when there is none in time."""
        self._opened.wait(timeout_seconds)
        return self._producer

    def end(self, deadline: float) -> None:
        """Try on without long pauses, until `deadline` (of `time.monotonic`)."""
        self._deadline = deadline
        self._ending.set()

    def close(self) -> None:
        """Close the producer; what it has not sent within 5 s, and before the deadline, fails."""
        self._opened.clear()
        self._close(self._producer)

    def _close(self, producer: Producer | None) -> None:
        if producer is not None:
            producer.close(min(CONNECT_SECONDS, self._remaining()))

    def _open(self, failed: Producer | None) -> None:
        self._close(failed)
        for attempt in itertools.count():
            try:
                self._producer = open_producer(
                    self._kafka, self._topic, max(0.1, min(CONNECT_SECONDS, self._remaining()))
                )
            except Exception as error:  # noqa: BLE001 - the thread must outlive whatever a client library may raise
                if attempt == 0:
                    _log.warning("%s: %s; events wait in memory", self._owner, error)
            else:
                self._opened.set()
                if not self._remaining():  # nobody waits any more
                    self.close()
                return
            self._pause(min(MAX_BACKOFF_SECONDS, BACKOFF_SECONDS * 2**attempt) * random.uniform(0.5, 1.0))  # noqa: S311
            if not self._remaining():
                return

    def _pause(self, seconds: float) -> None:
        if self._ending.is_set():
            time.sleep(min(seconds, self._remaining()))
        else:
            self._ending.wait(seconds)

    def _remaining(self) -> float:
        return max(0.0, self._deadline - time.monotonic())
