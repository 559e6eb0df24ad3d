"""What the tables and Kafka say about every partition and every emitter, and where they do not agree."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

KINDS = ("data_records", "dead_letters", "forwarded", "duplicates", "ticks", "controls")
"""What a record can become: each is exactly one of these."""

EVENT_KINDS = ("predictions", "outcomes", "repeated")
"""What an event of a data record can become; `orphans` are among the outcomes."""


@dataclass(frozen=True)
class Fault:
    """Something that the ledger cannot explain.

    Attributes:
        where: A partition or an emitter.
        kind: A short, stable name.
        count: Records or events concerned, 1 or more.
        what: What is wrong, and what to do about it.
    """

    where: str
    kind: str
    count: int
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True)
class PartitionAccount:
    """One partition of the events topic.

    Attributes:
        partition: Its number.
        low_watermark: Offset of the first record that Kafka still has.
        high_watermark: Offset after the last record.
        begins_at: Offset of the first record in the ledger.
        stored_offset: Offset after the last stored block.
        snapshot_offset: Offset from which a worker would go on, 0 without a snapshot.
        blocks: Stored blocks.
        records: Records in them.
        kinds: How many of the records became what (`KINDS`).
        events: Events in the data records.
        event_kinds: How many of them became what (`EVENT_KINDS`, and `orphans`).
        taken_over: Forwarded records that other partitions took.
        faults: By kind, how many offsets, records or events are not explained; none is 0.
        empty: Offsets that hold no record, as Kafka says: markers of transactions.
    """

    partition: int
    low_watermark: int
    high_watermark: int
    begins_at: int
    stored_offset: int
    snapshot_offset: int
    blocks: int
    records: int
    kinds: Mapping[str, int]
    events: int
    event_kinds: Mapping[str, int]
    taken_over: int
    faults: Mapping[str, int]
    empty: int = 0

    @property
    def in_flight(self) -> int:
        """Records in Kafka that are in no stored block yet."""
        return max(0, self.high_watermark - self.stored_offset)

    @property
    def unexplained(self) -> int:
        """Everything that is not explained, together."""
        return sum(self.faults.values())


@dataclass(frozen=True)
class EmitterAccount:
    """One emitter: what it says of itself at its last report, and what arrived of it.

    Attributes:
        model: The model that it emits for.
        emitter: Its id.
        reported_at: When it last reported; None when it never did.
        logged: Events that were handed to it.
        sent: Events that Kafka has confirmed to it.
        dropped: Events that it gave up, by reason.
        queued: Events that waited in its memory.
        arrived: Events that arrived, each once; among them:
        repeated: those whose id was seen shortly before,
        dead_letters: those that could not be read.
        forwarded: Events that arrived in a foreign partition first.
        unexplained: Events that were confirmed before its last report, and that did not arrive before it.
    """

    model: str
    emitter: str
    reported_at: datetime | None
    logged: int
    sent: int
    dropped: Mapping[str, int]
    queued: int
    arrived: int
    repeated: int
    dead_letters: int
    forwarded: int
    unexplained: int


_PARTITION_FAULTS = {
    "missing": "{n} offsets are in no block, although their records were in Kafka: keep the worker's log and report it",
    "expired": "{n} records were deleted by Kafka's retention before a worker read them: they are lost; raise "
    "retention.ms of the topic, or start more workers",
    "overlapping": "{n} offsets are in two blocks, so their events may count twice: one database was filled by two "
    "pipelines, or the snapshots were deleted",
    "uncounted": "{n} records or events of its blocks are of no kind: keep the worker's log and report it",
    "not-taken-over": "{n} of its forwarded records are not where they belong: keep the worker's log and report it",
    "foreign": "{n} records say that they were forwarded from here and were not: somebody else writes the header "
    "driftline-origin",
    "ahead": "{n} records are in the snapshot and in no block: rows of block_log were deleted",
    "rewound": "Kafka ends {n} records before what is stored: the topic was made anew, or the addresses belong to two "
    "installations",
}


@dataclass(frozen=True)
class Ledger:
    """The whole account."""

    partitions: Sequence[PartitionAccount]
    emitters: Sequence[EmitterAccount]

    @property
    def unexplained(self) -> int:
        """0 when everything is explained."""
        return sum(fault.count for fault in self.faults())

    def faults(self) -> Iterator[Fault]:
        """Everything that is not explained."""
        for account in self.partitions:
            for kind, count in account.faults.items():
                yield Fault(f"partition {account.partition}", kind, count, _PARTITION_FAULTS[kind].format(n=count))
        for emitter in self.emitters:
            if emitter.unexplained:
                what = (
                    f"Kafka confirmed {emitter.unexplained} events to it that did not arrive before its report: "
                    "something between it and the log loses them; compare its DRIFTLINE_KAFKA and its log"
                )
                where = f"emitter {emitter.emitter} of model {emitter.model}"
                yield Fault(where, "emitter", emitter.unexplained, what)

    def document(self) -> dict[str, Any]:
        """Everything, as one JSON object."""
        partitions = [
            {**asdict(account), "in_flight": account.in_flight, "unexplained": account.unexplained}
            for account in self.partitions
        ]
        return {
            "unexplained": self.unexplained,
            "faults": [asdict(fault) for fault in self.faults()],
            "partitions": partitions,
            "emitters": [asdict(emitter) for emitter in self.emitters],
        }
