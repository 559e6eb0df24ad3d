"""How the system itself is, as far as ClickHouse knows."""

from datetime import datetime

from driftline_dashboard.queries.base import Answer
from driftline_dashboard.store import Store


class ThroughputPoint(Answer):
    """What was stored of the records that Kafka appended in one minute.

    Attributes:
        at: When the minute begins.
        events: Predictions and outcomes.
        dead_letters: Records that could not be read.
        seconds_to_store: Mean time from Kafka's appending a block's last record to its storage; of a backlog its age.
    """

    at: datetime
    events: int
    dead_letters: int
    seconds_to_store: float


class StoredPartition(Answer):
    """How far a partition is stored.

    Attributes:
        partition: Of the events topic.
        stored_offset: First offset that is not stored yet.
        stored_at: When its last block was stored.
        logged_at: When Kafka appended the last record of that.
    """

    partition: int
    stored_offset: int
    stored_at: datetime
    logged_at: datetime


_THROUGHPUT = """
SELECT toStartOfMinute(last_logged_at) AS at, sum(predictions + outcomes) AS events,
       sum(b.dead_letters) AS dead_letters,
       avg(greatest(0, dateDiff('millisecond', last_logged_at, toDateTime64(ingested_at, 3)) / 1000))
           AS seconds_to_store
FROM blocks AS b
WHERE last_logged_at > (SELECT max(last_logged_at) FROM block_log) - toIntervalMinute({minutes:UInt32})
GROUP BY at ORDER BY at LIMIT 2000
"""
_PARTITIONS = """
SELECT partition, max(last_offset) + 1 AS stored_offset, max(ingested_at) AS stored_at, max(last_logged_at) AS logged_at
FROM block_log GROUP BY partition ORDER BY partition LIMIT 10000
"""


def throughput(store: Store, minutes: int = 120) -> list[ThroughputPoint]:
    """What was stored, by minute, of so many minutes before the last record."""
    return [ThroughputPoint.model_validate(row) for row in store.rows(_THROUGHPUT, minutes=minutes)]


def stored_partitions(store: Store) -> list[StoredPartition]:
    """How far each partition is stored."""
    return [StoredPartition.model_validate(row) for row in store.rows(_PARTITIONS)]
