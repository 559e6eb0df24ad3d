"""The events in memory, and the account of all events: the one thing that host and sending thread share."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from driftline_producers._batch import MAX_BATCH_BYTES, OUTCOME, PREDICTION, WIDTH, Batch, Columns
from driftline_producers._counters import CLOSED, NOT_DELIVERED, QUEUE_FULL, Counters
from driftline_producers._ids import FIRST_NUMBER, IdPrefixes
from driftline_producers._limits import Limits

_FIRST_GUESS_BYTES = 1024.0


class _Unsettled(NamedTuple):
    look: int
    events: int
    size_bytes: int


class Outbox:
    """A queue with room for so many events and bytes, from the call until Kafka confirms.

    A host takes no lock: it draws one of `numbers`, and while that is below `open_below` it extends a list by its row;
    `next`, and `list.extend` by a tuple, are atomic. Otherwise it asks `admit`, which also counts what is turned away.
    So the number of events is bounded exactly, but for threads that call at the same instant. The size of an event is
    known when it is packed; until then, for half of the linger, it is taken to be that of the latest batch's events,
    and what then proves to be too much is dropped.

    The lists hold the fields of all rows one after the other: a tuple that waits would be one more object for the
    interpreter's garbage collector to look through, in the host's time, and columns can be cut from a list at once.

    When it is full the newest events are dropped: a log has one hole, from when the memory was full until Kafka was
    back, and the events before it, which say how trouble began, are kept.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._prefixes = IdPrefixes()
        self.id_prefix = self._prefixes.make()
        self.numbers = itertools.count(FIRST_NUMBER)
        self.open_below = 0
        self.predictions: list[Any] = []
        self.outcomes: list[Any] = []
        self._waiting: Mapping[str, list[Any]] = {PREDICTION: self.predictions, OUTCOME: self.outcomes}
        self._changed = threading.Condition()
        self._taken, self._refused, self._dropped, self._due = (Counter[str]() for _ in range(4))
        self._unsettled: dict[int, _Unsettled] = {}  # in the order of sending
        self._look = self._packed_look = self._accepted = self._sent = self._non_finite = self._bytes = 0
        self._next_look_at = 0.0
        self._event_bytes = {PREDICTION: _FIRST_GUESS_BYTES, OUTCOME: 1.0}
        self._hurry = self._closed = self._abandoned = False

    def admit(self, kind: str, number: int) -> bool:
        """Whether there is room for a call at or above `open_below`; if not, it is counted as dropped."""
        with self._changed:
            self.id_prefix = self._prefixes.make()
            if number < self._room_below():
                return True
            self.refuse(kind, CLOSED if self._closed else QUEUE_FULL)
            return False

    def refuse(self, kind: str, reason: str) -> None:
        """Count a call whose row is not put here."""
        with self._changed:
            self._refused[kind] += 1
            self._dropped[reason] += 1

    def take(self) -> tuple[str, Columns]:
        """The columns of rows of one kind for a batch; none when no row came for half of the linger, or all are taken.

        What was taken before must be packed by now. One look takes the predictions and then the outcomes that were
        there when it began: no outcome overtakes a prediction that was logged before it.
        """
        with self._changed:
            if not self._due.total():
                self._begin_look()
            self.id_prefix, self.open_below = self._prefixes.make(), self._room_below()
            for kind, due in self._due.items():
                if due:
                    fit = max(1, int(MAX_BATCH_BYTES / 2 / self._event_bytes[kind]))
                    rows = min(due, self._limits.batch_events, fit)
                    self._due[kind] -= rows
                    self._taken[kind] += rows
                    return kind, self._columns(kind, rows)
            return PREDICTION, []

    def accept(self, kind: str, batch: Batch) -> int | None:
        """Take a batch into the account, by a number; where its bytes have no room None, and its events are dropped."""
        size_bytes = len(batch.value)
        with self._changed:
            if self._abandoned:
                return None
            self._event_bytes[kind] = size_bytes / batch.events
            self._non_finite += batch.non_finite
            if self._bytes + size_bytes > self._limits.queue_bytes:
                self._dropped[QUEUE_FULL] += batch.events
                return None
            self._bytes += size_bytes
            self._accepted += 1
            self._unsettled[self._accepted] = _Unsettled(self._look, batch.events, size_bytes)
            return self._accepted

    def reject(self, reason: str) -> None:
        """Count a row that was taken and can be in no batch."""
        with self._changed:
            self._dropped[reason] += 1

    def settle(self, accepted: int, *, sent: bool) -> None:
        """The batch that was accepted by this number is confirmed or given up."""
        with self._changed:
            if (batch := self._unsettled.pop(accepted, None)) is None:  # abandoned before
                return
            self._bytes -= batch.size_bytes
            if sent:
                self._sent += batch.events
            else:
                self._dropped[NOT_DELIVERED] += batch.events
            self._changed.notify_all()

    def wait_settled(self, timeout_seconds: float) -> bool:
        """Wait until every event accepted so far is confirmed or given up; False when time ran out first."""
        with self._changed:
            goal = self._look + any(self._waiting.values())
            self._hurry = True
            self._changed.notify_all()
            try:
                return self._changed.wait_for(lambda: self._settled_look() >= goal, max(0.0, timeout_seconds))
            finally:
                self._hurry = False

    def close(self) -> None:
        """Accept nothing more; what is waiting can still be taken."""
        with self._changed:
            self._closed, self.open_below = True, 0
            self._changed.notify_all()

    def abandon(self) -> None:
        """Give up all that is not confirmed; what Kafka says about it later is not counted any more."""
        with self._changed:
            self._abandoned = True
            for kind, rows in self._waiting.items():
                self._taken[kind] += len(rows) // WIDTH[kind]
                rows.clear()
            self._due.clear()
            self._unsettled.clear()
            self._changed.notify_all()

    def counters(self) -> Counters:
        """A snapshot."""
        with self._changed:
            calls = {kind: self._taken[kind] + self._count(kind) + self._refused[kind] for kind in self._waiting}
            queued = sum(calls.values()) - self._sent - self._dropped.total()
            abandoned = queued if self._abandoned else 0  # with what a thread appended that was about to at the end
            return Counters(
                logged=calls[PREDICTION],
                outcomes=calls[OUTCOME],
                sent=self._sent,
                queued=queued - abandoned,
                dropped=MappingProxyType(dict(self._dropped + Counter({CLOSED: abandoned}))),
                non_finite=self._non_finite,
            )

    def _count(self, kind: str) -> int:
        return len(self._waiting[kind]) // WIDTH[kind]

    def _columns(self, kind: str, rows: int) -> Columns:
        """The first rows, taken out."""
        waiting, width = self._waiting[kind], WIDTH[kind]
        columns = [waiting[field : rows * width : width] for field in range(width)]
        del waiting[: rows * width]
        return columns

    def _begin_look(self) -> None:
        """Wait until it is time, then set down what is to be taken."""
        self._packed_look = self._look
        self._changed.notify_all()
        self._changed.wait_for(self._must_look_now, self._next_look_at - time.monotonic())
        self._next_look_at = time.monotonic() + self._limits.linger_seconds / 2
        outcomes = self._count(OUTCOME)  # first: their predictions are there by now
        self._due = Counter({PREDICTION: self._count(PREDICTION), OUTCOME: outcomes})
        self._look += 1
        if not self._due.total():
            self._packed_look = self._look

    def _must_look_now(self) -> bool:
        return self._closed or (self._hurry and any(self._waiting.values()))

    def _settled_look(self) -> float:
        """The last look of which, as of all before, nothing is on its way."""
        if self._abandoned:
            return float("inf")
        oldest = next(iter(self._unsettled.values()), None)
        return min(self._packed_look, oldest.look - 1) if oldest else self._packed_look

    def _room_below(self) -> int:
        """The number below which there is room for calls."""
        if self._closed:
            return 0
        released = self._sent + self._dropped.total()
        event_bytes = max(self._event_bytes.values())
        fit = max(1, int((self._limits.queue_bytes - self._bytes) / event_bytes))  # one at least, to be sized
        looked_at = self._taken.total() + self._refused.total()
        return FIRST_NUMBER + min(released + self._limits.queue_events, looked_at + fit)
