"""Where the log cuts blocks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BlockLimits:
    """A block ends when it has this many records, or this many bytes of record values."""

    records: int
    bytes: int
