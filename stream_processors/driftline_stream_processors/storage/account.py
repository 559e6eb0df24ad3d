"""What became of every record and event, counted for the ledger."""

from collections.abc import Iterable, Sequence

import numpy as np

from driftline_schemas import EmitterReport
from driftline_stream_processors.columns import Outcomes, Predictions
from driftline_stream_processors.incoming import Incoming, text
from driftline_stream_processors.storage.block import Block, Emitter

EVENTS = "events"
"""Header: how many events the record holds."""

MAX_DIGITS = 10
"""Of that number; a longer one is no number of events."""


class Account:
    """Counts into a block what becomes of the records of one run."""

    def __init__(self, block: Block, run: Sequence[Incoming]) -> None:
        self.came = {incoming.record.offset: incoming for incoming in run}
        self._block = block
        self._emitted = any(incoming.emitter is not None for incoming in run)

    def taken(self, groups: Iterable[Predictions | Outcomes]) -> None:
        """Records whose events belong here."""
        for group in groups:
            offsets, rows = np.unique(group.places.offset, return_counts=True)
            self._block.counts["data_records"] += len(offsets)
            self._block.counts["events"] += len(group)
            self._count(group.model, "events", offsets.tolist(), rows.tolist())

    def repeated(self, groups: Iterable[Predictions | Outcomes]) -> None:
        """Events that came before."""
        for group in groups:
            self._block.counts["repeated"] += len(group)
            self._count(group.model, "repeated", group.places.offset.tolist(), [1] * len(group))

    def _count(self, model: str, name: str, offsets: Sequence[int], events: Sequence[int]) -> None:
        """Count events by their emitters."""
        if not self._emitted:
            return
        by_emitter: dict[bytes | None, int] = {}
        for offset, count in zip(offsets, events, strict=True):
            emitter = self.came[offset].emitter
            by_emitter[emitter] = by_emitter.get(emitter, 0) + count
        by_emitter.pop(None, None)
        for emitter, count in by_emitter.items():
            self._block.count_emitted(Emitter(model, text(emitter) or ""), {name: count})

    def dead_letter(self, incoming: Incoming) -> None:
        """A record that cannot be used."""
        self._block.counts["dead_letters"] += 1
        self._count_claimed(incoming, "dead_letters")

    def forwarded(self, incoming: Incoming) -> None:
        """A record that is sent on to the partition of its model, where it arrives again."""
        self._block.counts["forwarded"] += 1
        self._count_claimed(incoming, "forwarded")

    def arrived(self, report: EmitterReport) -> int:
        """Events of an emitter that arrived in the block so far."""
        counts = self._block.emitters.get(Emitter(report.model, report.emitter))
        return 0 if counts is None else counts["events"] - counts["forwarded"]

    def _count_claimed(self, incoming: Incoming, name: str) -> None:
        """Count the events that a record holds, as its emitter says."""
        claimed = incoming.header(EVENTS) or ""
        events = int(claimed) if claimed.isdecimal() and len(claimed) < MAX_DIGITS else 1
        offsets = [incoming.record.offset]
        for each in ("events", name):
            self._count(incoming.key, each, offsets, [events])
