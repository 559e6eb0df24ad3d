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


class Errors(Answer):
    """What went wrong in the last 24 hours.

    Attributes:
        dead_letters: Records that could not be read, by reason.
        failed_deliveries: Notices whose last try failed, by channel.
    """

    dead_letters: dict[str, int]
    failed_deliveries: dict[str, int]


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
_DEAD_LETTERS = """
SELECT reason AS name, count() AS errors FROM dead_letters WHERE logged_at > now() - INTERVAL 1 DAY
GROUP BY name ORDER BY errors DESC LIMIT 50
"""
_FAILED_DELIVERIES = """
SELECT channel AS name, count() AS errors FROM deliveries WHERE status = 'failed' AND at > now() - INTERVAL 1 DAY
GROUP BY name ORDER BY errors DESC LIMIT 50
"""


def throughput(store: Store, minutes: int = 120) -> list[ThroughputPoint]:
    """What was stored, by minute, of so many minutes before the last record."""
    return [ThroughputPoint.model_validate(row) for row in store.rows(_THROUGHPUT, minutes=minutes)]


def stored_partitions(store: Store) -> list[StoredPartition]:
    """How far each partition is stored."""
    return [StoredPartition.model_validate(row) for row in store.rows(_PARTITIONS)]


def errors(store: Store) -> Errors:
    """What went wrong in the last 24 hours, by ClickHouse's clock."""
    letters, deliveries = (
        {row["name"]: row["errors"] for row in store.rows(sql)} for sql in (_DEAD_LETTERS, _FAILED_DELIVERIES)
    )
    return Errors(dead_letters=letters, failed_deliveries=deliveries)
