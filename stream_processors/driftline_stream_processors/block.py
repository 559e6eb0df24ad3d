"""The open block of a partition: rows that wait to be stored together.

The log cuts blocks: after so many records or bytes, or at a tick. So every reading of the log cuts the same blocks,
with the same rows under the same token, and the store drops what it has already.
"""

from collections import Counter
from dataclasses import dataclass

from aiokafka.structs import ConsumerRecord

from driftline_stream_processors import tables
from driftline_stream_processors.tables import Row, Table


@dataclass(frozen=True, slots=True)
class BlockLimits:
    """A block ends when it has this many records, or this many bytes of record values."""

    records: int
    bytes: int


class Block:
    """Rows by table, and what the ledger counts.

    Attributes:
        first_offset: Offset at which the block begins.
        records: Records of the log in it.
        size_bytes: Bytes of their values.
        counts: The ledger's counters: predictions, outcomes, joined, orphans, dead_letters, forwarded,
            duplicates, ticks, controls.
    """

    def __init__(self, partition: int, first_offset: int, limits: BlockLimits) -> None:
        self.partition = partition
        self.first_offset = first_offset
        self.limits = limits
        self.records = 0
        self.size_bytes = 0
        self.counts: Counter[str] = Counter()
        self.rows: dict[Table, list[Row]] = {}
        self._first_logged_at_ms = 0
        self._last_offset = first_offset
        self._last_logged_at_ms = 0

    def count(self, record: ConsumerRecord) -> bool:
        """Count a record of the log; return whether the block is full with it."""
        if self.records == 0:
            self._first_logged_at_ms = record.timestamp
        self.records += 1
        self.size_bytes += len(record.value or b"")
        self._last_offset, self._last_logged_at_ms = record.offset, record.timestamp
        return self.records >= self.limits.records or self.size_bytes >= self.limits.bytes

    def add(self, table: Table, row: Row) -> None:
        """Add a row."""
        self.rows.setdefault(table, []).append(row)

    def token(self, topic: str) -> str:
        """Names the block's rows for the store's deduplication."""
        return f"{topic}:{self.partition}:{self.first_offset}-{self._last_offset}"

    def ledger_row(self) -> Row:
        """The block's row of `block_log`."""
        names = tables.BLOCKS.columns[4:-2]
        return (
            self.partition,
            self.first_offset,
            self._last_offset,
            self.records,
            *(self.counts[name] for name in names),
            self._first_logged_at_ms,
            self._last_logged_at_ms,
        )
