"""Rows become batches."""

import time
from collections.abc import Callable, Iterator

from driftline_producers._batch import MAX_BATCH_BYTES, OUTCOME, PREDICTION, row_of
from driftline_producers._pack import pack
from driftline_producers.replay._record import Entry, Record

GATHERED_EVENTS = 1_000
LINGER_SECONDS = 0.1


class Gatherer:
    """Gathers up to 1,000 events, and makes batches of each model's predictions, then of its outcomes.

    So no outcome overtakes a prediction that came before it. Where the batches are cut depends on the events alone,
    unless `overdue` is asked.

    Args:
        clock: Seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: list[Entry] = []
        self._bytes = 0
        self._began_at = 0.0

    def add(self, entry: Entry) -> Iterator[Record]:
        """Take an event, and give what is full by that; other records are given as they are, after all before them."""
        size_bytes = len(entry.record.value)
        if entry.kind not in (PREDICTION, OUTCOME) or size_bytes > MAX_BATCH_BYTES:
            yield from self.flush()
            yield entry.record
            return
        if not self._entries:
            self._began_at = self._clock()
        self._entries.append(entry)
        self._bytes += size_bytes
        if len(self._entries) == GATHERED_EVENTS or self._bytes > MAX_BATCH_BYTES:
            yield from self.flush()

    def overdue(self, wait_seconds: float) -> bool:
        """Whether the oldest event waits too long if all wait for so long."""
        return bool(self._entries) and self._clock() + wait_seconds > self._began_at + LINGER_SECONDS

    def flush(self) -> Iterator[Record]:
        """Give all that was gathered."""
        entries, self._entries, self._bytes = self._entries, [], 0
        for model in dict.fromkeys(entry.record.model for entry in entries):
            for kind in (PREDICTION, OUTCOME):
                chosen = [entry for entry in entries if (entry.kind, entry.record.model) == (kind, model)]
                rows = [row_of(kind, entry.document) for entry in chosen]
                for batch in pack(model, kind, [*zip(*rows, strict=True)], _refuse) if rows else ():
                    yield Record(batch.kind, model, batch.value, batch.events)


def _refuse(error: Exception) -> None:
    raise error  # each entry was checked by itself
