"""What became of every record and event."""

from driftline_dashboard.queries.base import Answer, Moment
from driftline_dashboard.store import Store


class PartitionAccount(Answer):
    """What became of the records and events of one partition; see the view `ledger`.

    Attributes:
        partition: Of the events topic.
        stored_offset: The offset up to which everything is stored.
        records: Offsets in stored blocks.
        data_records: Records of predictions or outcomes that were taken.
        dead_letters: Records that could not be read.
        forwarded: Records sent on to the partition of their model.
        duplicates: Records that had been taken before.
        ticks: Ticks of the worker.
        controls: Specifications, promotions and emitters' reports.
        predictions: Predictions stored.
        outcomes: Outcomes stored.
        repeated: Events that repeat an earlier one.
        orphans: Outcomes without a prediction so far.
        unexplained: Offsets and events that nothing explains; 0 when all is well.
    """

    partition: int
    stored_offset: int
    records: int
    data_records: int
    dead_letters: int
    forwarded: int
    duplicates: int
    ticks: int
    controls: int
    predictions: int
    outcomes: int
    repeated: int
    orphans: int
    unexplained: int


class EmitterAccount(Answer):
    """What an emitter says and what arrived of it; see the view `emitters`.

    Attributes:
        model: Name of the model that it emits for.
        emitter: Id of the process.
        reported_at: When it last reported.
        sent: Events that Kafka had confirmed to it by then.
        arrived: Events of it that arrived.
        dropped: Events that it gave up, by reason.
        unexplained: Events that Kafka confirmed and that did not arrive; 0 when all is well.
    """

    model: str
    emitter: str
    reported_at: Moment
    sent: int
    arrived: int
    dropped: dict[str, int]
    unexplained: int


class Ledger(Answer):
    """The whole account.

    Attributes:
        partitions: By partition.
        emitters: By emitter, at most 200, those with something unexplained first.
    """

    partitions: list[PartitionAccount]
    emitters: list[EmitterAccount]


_PARTITIONS = """
SELECT *, expired + missing + overlapping + uncounted AS unexplained FROM ledger ORDER BY partition LIMIT 10000
"""
_EMITTERS = """
SELECT model, emitter, reported_at, sent, arrived, dropped, unexplained FROM emitters
ORDER BY unexplained DESC, reported_at DESC LIMIT 200
"""


def ledger(store: Store) -> Ledger:
    """What became of everything that is stored."""
    return Ledger(
        partitions=[PartitionAccount.model_validate(row) for row in store.rows(_PARTITIONS)],
        emitters=[EmitterAccount.model_validate(row) for row in store.rows(_EMITTERS)],
    )
