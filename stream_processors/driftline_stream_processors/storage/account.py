"""What became of every record and event, counted for the ledger."""

from collections.abc import Iterable, Sequence

import numpy as np

from driftline_schemas import EmitterReport
from driftline_stream_processors.columns import Outcomes, Predictions
from driftline_stream_processors.incoming import Incoming
from driftline_stream_processors.steps.route import REPLAY
from driftline_stream_processors.storage.block import Block, Emitter

EMITTER = "emitter"
"""Header: id of the process that emitted the record, as in its reports."""

EVENTS = "events"
"""Header: how many events the record holds."""


class Account:
    """Counts into a block what becomes of the records of one run."""

    def __init__(self, block: Block, run: Sequence[Incoming]) -> None:
        self.came = {incoming.record.offset: incoming for incoming in run}
        self._block = block
        self._emitted = any(EMITTER in incoming.headers for incoming in run)

    def taken(self, groups: Iterable[Predictions | Outcomes]) -> None:
        """Records whose events belong here."""
        for group in groups:
            offsets, rows = np.unique(group.places.offset, return_counts=True)
            self._block.counts["data_records"] += len(offsets)
            self._block.counts["events"] += len(group)
            if self._emitted:
                for offset, events in zip(offsets.tolist(), rows.tolist(), strict=True):
                    self._count(self.came[offset], group.model, events=events)

    def repeated(self, groups: Iterable[Predictions | Outcomes]) -> None:
        """Events that came before."""
        for group in groups:
            self._block.counts["repeated"] += len(group)
            for offset in group.places.offset.tolist():
                self._count(self.came[offset], group.model, repeated=1)

    def dead_letter(self, incoming: Incoming) -> None:
        """A record that cannot be used."""
        self._block.counts["dead_letters"] += 1
        events = _claimed_events(incoming)
        self._count(incoming, incoming.key, events=events, dead_letters=events)

    def forwarded(self, incoming: Incoming) -> None:
        """A record that is sent on to the partition of its model, where it arrives again."""
        self._block.counts["forwarded"] += 1
        events = _claimed_events(incoming)
        self._count(incoming, incoming.key, events=events, forwarded=events)

    def arrived(self, report: EmitterReport) -> int:
        """Events of an emitter that arrived in the block so far."""
        counts = self._block.emitters.get(Emitter(report.model, report.emitter))
        return 0 if counts is None else counts["events"] - counts["forwarded"]

    def _count(self, incoming: Incoming, model: str, **events: int) -> None:
        """Count events of an emitter; a replayed dead letter was counted when it was sent."""
        emitter = incoming.header(EMITTER)
        if emitter is not None and REPLAY not in incoming.headers:
            self._block.count_emitted(Emitter(model, emitter), events)


def _claimed_events(incoming: Incoming) -> int:
    """How many events a record holds, as its emitter says."""
    claimed = incoming.header(EVENTS) or ""
    return int(claimed) if claimed.isdecimal() and len(claimed) < 10 else 1
