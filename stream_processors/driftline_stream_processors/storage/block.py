"""The open block of a partition: rows that wait to be stored together.

The log cuts blocks: after so many records or bytes, or at a tick. So every reading of the log cuts the same blocks,
with the same rows under the same token, and the store drops what it has already.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from aiokafka.structs import ConsumerRecord

from driftline_detectors import ReadingFindings, WindowFindings
from driftline_stream_processors.columns import Judged, Predictions
from driftline_stream_processors.memory.limits import BlockLimits
from driftline_stream_processors.steps.detect import Found
from driftline_stream_processors.storage import tables
from driftline_stream_processors.storage.tables import Row, Table


class Emitter(NamedTuple):
    """A process that emits for a model."""

    model: str
    emitter: str


class Block:
    """Rows by table, and what the ledger counts.

    Attributes:
        first_offset: Offset at which the block begins.
        records: Records of the log in it.
        size_bytes: Bytes of their values.
        predictions: New predictions.
        judged: New outcomes, and those that were joined.
        windows: Windows that ended.
        readings: Where their detectors stood.
        rows: Rows of all other tables.
        counts: The ledger's counters, by their names in `block_log`.
        taken_over: Forwarded records that were taken here, by the partition that forwarded them.
        emitters: Per emitter, its counters by their names in `emitter_arrival_log`.
        first_logged_at_ms: When the broker appended its first record.
        last_logged_at_ms: When the broker appended its last record so far.
    """

    def __init__(self, partition: int, first_offset: int, limits: BlockLimits) -> None:
        self.partition = partition
        self.first_offset = first_offset
        self.limits = limits
        self.records = 0
        self.size_bytes = 0
        self.predictions: list[Predictions] = []
        self.judged: list[Judged] = []
        self.windows: list[Found[WindowFindings]] = []
        self.readings: list[Found[ReadingFindings]] = []
        self.rows: dict[Table, list[Row]] = {}
        self.counts: Counter[str] = Counter()
        self.taken_over: Counter[int] = Counter()
        self.emitters: dict[Emitter, Counter[str]] = {}
        self.first_logged_at_ms = 0
        self.last_logged_at_ms = 0
        self._first_record = first_offset
        self._last_offset = first_offset

    def room(self) -> BlockLimits:
        """How many more records or bytes fill it."""
        return BlockLimits(self.limits.records - self.records, self.limits.bytes - self.size_bytes)

    def count(self, records: Sequence[ConsumerRecord], size_bytes: int) -> bool:
        """Count consecutive records of the log and the bytes of their values; return whether the block is full."""
        first, last = records[0], records[-1]
        if self.records == 0:
            self._first_record, self.first_logged_at_ms = first.offset, first.timestamp
        self.records += len(records)
        self.size_bytes += size_bytes
        self._last_offset, self.last_logged_at_ms = last.offset, last.timestamp
        return self.records >= self.limits.records or self.size_bytes >= self.limits.bytes

    def add(self, table: Table, *rows: Row) -> None:
        """Add rows."""
        if rows:
            self.rows.setdefault(table, []).extend(rows)

    def count_emitted(self, emitter: Emitter, events: Mapping[str, int]) -> None:
        """Count events of an emitter."""
        self.emitters.setdefault(emitter, Counter()).update(events)

    def token(self, topic: str) -> str:
        """Names the block's rows for the store's deduplication."""
        return f"{topic}:{self.partition}:{self.first_offset}-{self._last_offset}"

    def ledger_row(self) -> Row:
        """The block's row of `block_log`."""
        known = {
            "partition": self.partition,
            "first_offset": self.first_offset,
            "last_offset": self._last_offset,
            "first_record": self._first_record,
            "records": self.records,
            "taken_over": dict(self.taken_over),
            "first_logged_at": self.first_logged_at_ms,
            "last_logged_at": self.last_logged_at_ms,
        }
        return tuple(known[name] if name in known else self.counts[name] for name in tables.BLOCKS.columns)

    def emitter_rows(self) -> Iterable[Row]:
        """The block's rows of `emitter_arrival_log`."""
        names = ("events", "repeated", "dead_letters", "forwarded")
        for emitter, counts in self.emitters.items():
            place = (self.partition, self.first_offset, self._last_offset)
            yield (*emitter, *place, *(counts[name] for name in names), self.last_logged_at_ms)
