"""All that a partition's history has left behind, at one offset."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from driftline_detectors import SnapshotError
from driftline_stream_processors.memory.faults import Faults
from driftline_stream_processors.memory.limits import BlockLimits
from driftline_stream_processors.memory.monitors import Monitors
from driftline_stream_processors.memory.orphans import Orphans
from driftline_stream_processors.memory.recent import Marks, Recent
from driftline_stream_processors.memory.recent_outcomes import RecentOutcomes
from driftline_stream_processors.memory.taken import TakenPlaces
from driftline_stream_processors.memory.traffic import Traffic


@dataclass
class PartitionState:
    """State of one partition before the record at `next_offset`.

    Attributes:
        next_offset: The first offset that is not in this state.
        limits: Limits of the block that begins there.
        recent: The latest predictions; in a snapshot only where they begin.
        orphans: Outcomes without a prediction.
        recent_outcomes: The latest outcomes.
        monitors: Specifications, windows and detectors of every model version.
        traffic: What came when, of every model.
        faults: The last broken feed of every model version.
        champions: The promoted version of each model, once the log has named one.
        forwarded: Which forwarded records were taken over.
        replayed: Which replayed dead letters were taken over.
    """

    next_offset: int
    limits: BlockLimits
    recent: Recent
    orphans: Orphans
    recent_outcomes: RecentOutcomes = field(default_factory=RecentOutcomes)
    monitors: Monitors = field(default_factory=Monitors)
    traffic: Traffic = field(default_factory=Traffic)
    faults: Faults = field(default_factory=Faults)
    champions: dict[str, str] = field(default_factory=dict)
    forwarded: TakenPlaces = field(default_factory=lambda: TakenPlaces(monotonic=True))
    replayed: TakenPlaces = field(default_factory=lambda: TakenPlaces(monotonic=False))

    @classmethod
    def begin(cls, partition: int, limits: BlockLimits) -> "PartitionState":
        """The state before the first record of a partition."""
        return cls(0, limits, Recent(Marks(0, 0, -1)), Orphans(partition))

    def end_block(self, first_logged_at_ms: int, last_logged_at_ms: int) -> None:
        """Forget what has become too much or too old.

        Only here: blocks are cut by the log, so that every reading of the log forgets the same at the same place.
        """
        self.recent.end_block(self.next_offset, first_logged_at_ms, last_logged_at_ms)
        self.recent_outcomes.end_block(first_logged_at_ms, last_logged_at_ms)
        self.orphans.end_block()
        self.monitors.end_block()
        self.traffic.end_block()
        self.faults.end_block()
        self.forwarded.end_block()
        self.replayed.end_block()

    def snapshot(self) -> dict[str, Any]:
        """The state as plain data."""
        return {
            "next_offset": self.next_offset,
            "limits": [self.limits.records, self.limits.bytes],
            "recent": list(self.recent.marks),
            "orphans": self.orphans.snapshot(),
            "recent_outcomes": self.recent_outcomes.snapshot(),
            "monitors": self.monitors.snapshot(),
            "traffic": self.traffic.snapshot(),
            "faults": self.faults.snapshot(),
            "champions": dict(self.champions),
            "forwarded": self.forwarded.snapshot(),
            "replayed": self.replayed.snapshot(),
        }

    @classmethod
    def restore(cls, document: Mapping[str, Any], partition: int) -> "PartitionState":
        """The state that `snapshot` described; `recent` is empty and is to be filled from the store.

        Raises:
            SnapshotError: The document is not such a state.
        """
        try:
            return cls(
                next_offset=int(document["next_offset"]),
                limits=BlockLimits(*document["limits"]),
                recent=Recent(Marks(*document["recent"])),
                orphans=Orphans.restore(document["orphans"], partition),
                recent_outcomes=RecentOutcomes.restore(document["recent_outcomes"]),
                monitors=Monitors.restore(document["monitors"]),
                traffic=Traffic.restore(document["traffic"]),
                faults=Faults.restore(document["faults"]),
                champions=dict(document["champions"]),
                forwarded=TakenPlaces.restore(document["forwarded"], monotonic=True),
                replayed=TakenPlaces.restore(document["replayed"], monotonic=False),
            )
        except (ValueError, LookupError, TypeError) as error:
            raise SnapshotError(
                f"the snapshot of partition {partition} cannot be read ({type(error).__name__}: {error}); delete its "
                "rows from table snapshot to read the log again from its beginning"
            ) from error
