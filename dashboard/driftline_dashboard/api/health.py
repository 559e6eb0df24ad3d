"""The system's own health."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from driftline_dashboard.parts import PartsOf
from driftline_dashboard.queries.base import Answer
from driftline_dashboard.queries.health import (
    Errors,
    StoredPartition,
    ThroughputPoint,
    errors,
    stored_partitions,
    throughput,
)
from driftline_dashboard.workers import ask_workers
from driftline_schemas.errors import DriftlineError

router = APIRouter(tags=["health"])

Minutes = Annotated[int, Query(ge=1, le=1440, description="Of so many minutes before the last record.")]


class Lag(Answer):
    """How far a partition is behind.

    Attributes:
        partition: Of the events topic.
        end_offset: The offset that its next record will have; null while Kafka does not answer.
        stored_offset: The first one that is not stored yet.
        lag: Records that wait.
        stored_at: When its last block was stored.
    """

    partition: int
    end_offset: int | None
    stored_offset: int
    lag: int | None
    stored_at: datetime | None


class SystemHealth(Answer):
    """How the system is.

    Attributes:
        kafka: `ok`, or what is wrong.
        clickhouse: `ok`, or what is wrong.
        workers: Each worker's `ok`, or what is wrong, by the address that it was asked at.
        errors: Of the last 24 hours; null while ClickHouse does not answer.
        partitions: How far each partition is behind.
        throughput: What was stored, by minute.
    """

    kafka: str
    clickhouse: str
    workers: dict[str, str]
    errors: Errors | None
    partitions: list[Lag]
    throughput: list[ThroughputPoint]


@router.get("/health")
def show_health(parts: PartsOf, minutes: Minutes = 120) -> SystemHealth:
    """Lag, throughput and errors; answers also while a part is away."""
    kafka = clickhouse = "ok"
    ends: dict[int, int] = {}
    stored, points, wrong = {}, [], None
    try:
        ends = parts.log_ends()
    except DriftlineError as error:
        kafka = str(error)
    try:
        stored = {each.partition: each for each in stored_partitions(parts.store)}
        points = throughput(parts.store, minutes)
        wrong = errors(parts.store)
    except DriftlineError as error:
        clickhouse = str(error)
    return SystemHealth(
        kafka=kafka,
        clickhouse=clickhouse,
        workers=dict(ask_workers(parts.settings)),
        errors=wrong,
        partitions=_lags(ends, stored),
        throughput=points,
    )


def _lags(ends: Mapping[int, int], stored: Mapping[int, StoredPartition]) -> list[Lag]:
    lags = []
    for number in sorted(ends.keys() | stored.keys()):
        end, known = ends.get(number), stored.get(number)
        offset = known.stored_offset if known else 0
        lag = None if end is None else max(0, end - offset)
        stored_at = known.stored_at if known else None
        lags.append(Lag(partition=number, end_offset=end, stored_offset=offset, lag=lag, stored_at=stored_at))
    return lags
