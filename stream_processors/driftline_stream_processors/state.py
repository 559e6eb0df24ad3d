"""All that a partition's history has left behind, at one offset."""

import zlib
from dataclasses import dataclass, field
from typing import Any

import orjson

from driftline_detectors import SnapshotError
from driftline_stream_processors.block import BlockLimits
from driftline_stream_processors.steps.detect import Monitors
from driftline_stream_processors.steps.join import Orphans

FORMAT = 1


@dataclass
class PartitionState:
    """State of one partition before the record at `next_offset`.

    Attributes:
        next_offset: The first offset that is not in this state.
        limits: Limits of the block that begins there; a changed setting holds from the block after it.
        monitors: Windows and detectors of every model version.
        orphans: Outcomes without a prediction.
        champions: The promoted version of each model, once the log has named one.
        forwarded: Per origin partition, the highest offset that was taken over from it.
    """

    next_offset: int
    limits: BlockLimits
    monitors: Monitors = field(default_factory=Monitors)
    orphans: Orphans = field(default_factory=Orphans)
    champions: dict[str, str] = field(default_factory=dict)
    forwarded: dict[int, int] = field(default_factory=dict)

    def snapshot(self) -> bytes:
        """The state as compressed JSON; it holds no code."""
        document: dict[str, Any] = {
            "next_offset": self.next_offset,
            "limits": [self.limits.records, self.limits.bytes],
            "monitors": self.monitors.snapshot(),
            "orphans": self.orphans.snapshot(),
            "champions": self.champions,
            "forwarded": sorted(self.forwarded.items()),
        }
        return zlib.compress(orjson.dumps(document), 1)

    @classmethod
    def restore(cls, blob: bytes) -> "PartitionState":
        """The state that `snapshot` described.

        Raises:
            SnapshotError: The bytes are not such a snapshot.
        """
        try:
            document = orjson.loads(zlib.decompress(blob))
            return cls(
                document["next_offset"],
                BlockLimits(*document["limits"]),
                Monitors.restore(document["monitors"]),
                Orphans.restore(document["orphans"]),
                document["champions"],
                dict(document["forwarded"]),
            )
        except (zlib.error, ValueError, LookupError, TypeError) as error:
            raise SnapshotError(f"the snapshot cannot be read ({type(error).__name__}: {error})") from error
