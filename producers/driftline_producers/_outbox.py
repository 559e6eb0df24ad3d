"""The records in memory, and the account of all records: the one thing that host and sending thread share."""

import threading
import time
from collections import defaultdict, deque
from types import MappingProxyType

from driftline_producers._counters import CLOSED, QUEUE_FULL, Counters

PREDICTION = "prediction"
OUTCOME = "outcome"

Record = tuple[str, bytes]
"""Type and JSON of a record."""

LINGER_SECONDS = 0.01
"""After the first record the sending thread waits for more, so that the host wakes it at most 100 times a second."""


class Outbox:
    """A queue with room for so many records and bytes, from `put` until Kafka confirms.

    When it is full the newest record is dropped: what was accepted is never taken back, so a log has one hole, from
    when the memory was full until Kafka was back, and the records before it, which say how trouble began, are kept.

    Args:
        max_records: Room in records.
        max_bytes: Room in bytes of JSON.
    """

    def __init__(self, max_records: int, max_bytes: int) -> None:
        self._max_records = max_records
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self._settled = threading.Condition(self._lock)
        self._waiting: deque[Record] = deque()
        self._pending_bytes = 0
        self._calls: defaultdict[str, int] = defaultdict(int)
        self._dropped: defaultdict[str, int] = defaultdict(int)
        self._queued = self._sent = self._settlements = self._non_finite = 0
        self._hurry = self._closed = self._abandoned = False

    def put(self, kind: str, value: bytes, non_finite: int = 0) -> None:
        """Take a record, or drop it where there is no room; never waits for anything but a moment's lock."""
        with self._lock:
            self._calls[kind] += 1
            self._non_finite += non_finite
            if self._closed:
                self._dropped[CLOSED] += 1
            elif self._queued >= self._max_records or self._pending_bytes + len(value) > self._max_bytes:
                self._dropped[QUEUE_FULL] += 1
            else:
                self._waiting.append((kind, value))
                self._queued += 1
                self._pending_bytes += len(value)
                if len(self._waiting) == 1:
                    self._arrived.notify()

    def refuse(self, kind: str, reason: str) -> None:
        """Count a call whose record never came to be."""
        with self._lock:
            self._calls[kind] += 1
            self._dropped[reason] += 1

    def take(self, limit: int, timeout_seconds: float) -> list[Record]:
        """Up to `limit` records; empty when none came in time or the outbox is closed and drained."""
        with self._lock:
            self._arrived.wait_for(lambda: bool(self._waiting) or self._closed, timeout_seconds)
            if len(self._waiting) < limit:
                self._arrived.wait_for(lambda: self._hurry or self._closed, LINGER_SECONDS)
            return [self._waiting.popleft() for _ in range(min(limit, len(self._waiting)))]

    def settle(self, size_bytes: int, dropped: str | None = None) -> None:
        """A record that was taken is confirmed, or given up for the reason `dropped`."""
        with self._lock:
            if self._abandoned:
                return
            self._queued -= 1
            self._settlements += 1
            self._pending_bytes -= size_bytes
            if dropped:
                self._dropped[dropped] += 1
            else:
                self._sent += 1
            self._settled.notify_all()

    def wait_settled(self, timeout_seconds: float) -> bool:
        """Wait until every record accepted so far is confirmed or given up; False when time ran out first."""
        deadline = time.monotonic() + timeout_seconds
        with self._lock:
            goal = self._settlements + self._queued
            self._hurry = True
            self._arrived.notify_all()
            try:
                return self._settled.wait_for(lambda: self._settlements >= goal, max(0.0, deadline - time.monotonic()))
            finally:
                self._hurry = False

    def close(self) -> None:
        """Accept nothing more; what is waiting can still be taken."""
        with self._lock:
            self._closed = True
            self._arrived.notify_all()

    def abandon(self) -> None:
        """Give up all that is not confirmed; what Kafka says about it later is not counted any more."""
        with self._lock:
            if self._queued:
                self._dropped[CLOSED] += self._queued
            self._abandoned = True
            self._settlements += self._queued
            self._waiting.clear()
            self._queued = self._pending_bytes = 0
            self._settled.notify_all()

    def counters(self) -> Counters:
        """A snapshot."""
        with self._lock:
            return Counters(
                logged=self._calls[PREDICTION],
                outcomes=self._calls[OUTCOME],
                sent=self._sent,
                queued=self._queued,
                dropped=MappingProxyType(dict(self._dropped)),
                non_finite=self._non_finite,
            )
