"""Rows in ClickHouse as the worker stores them, and the settings of a service that reads them."""

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from driftline_retrain_service.job.files import LabelledRow
from driftline_schemas import ChangePoint, LogPosition, RetrainRequest
from driftline_schemas.clickhouse import connect, insert_columns
from driftline_schemas.settings import ClickHouseAddress, RetrainSettings, Settings
from driftline_schemas.topics import Topics

PARTITION = 2
EPOCH_MS = 1_763_870_000_000


def store(
    database: ClickHouseAddress,
    rows: list[LabelledRow],
    *,
    model: str = "fraud",
    first: int = 0,
    version: str = "1",
    served: Sequence[str] = (),
    last_logged_at_ms: int | None = None,
) -> None:
    """Store rows from number `first` on: row i as a prediction at offset 2i, its outcome at 2i + 1, all in one block.

    `served` are the predictions of `version`, which are always "up" where nothing else is said.
    """
    client = connect(database)
    count = len(rows)
    numbers = range(first, first + count)
    times = [EPOCH_MS + i for i in numbers]
    predictions = list(served) or ["up"] * count
    features = [
        {name: math.nan if value is None else float(value) for name, value in row.features.items()} for row in rows
    ]
    same: dict[str, Sequence[Any]] = {
        "model": [model] * count,
        "event_id": [f"e{i}" for i in numbers],
        "partition": [PARTITION] * count,
        "logged_at": times,
        "version": [version] * count,
        "prediction": predictions,
        "prediction_value": [math.nan] * count,
        "score": [math.nan] * count,
    }
    of_predictions: dict[str, Sequence[Any]] = {
        "timestamp": times,
        "features": features,
        "offset": [2 * i for i in numbers],
    }
    insert_columns(client, "prediction_log", same | of_predictions, token=f"{model}:{first}:predictions")
    offsets = [2 * i + 1 for i in numbers]
    outcomes: dict[str, Sequence[Any]] = {
        "label": [str(row.label) for row in rows],
        "timestamp": times,
        "predicted_at": times,
        "joined": [1] * count,
        "offset": offsets,
        "position": offsets,
    }
    insert_columns(client, "outcome_log", same | outcomes, token=f"{model}:{first}:outcomes")
    block = {
        "partition": [PARTITION],
        "first_offset": [2 * first],
        "last_offset": [2 * (first + count) - 1],
        "last_logged_at": [times[-1] if last_logged_at_ms is None else last_logged_at_ms],
    }
    insert_columns(client, "block_log", block, token=f"{model}:{first}:block")
    client.close()


def request(
    number: int,
    *,
    rows: int,
    version: str = "1",
    model: str = "fraud",
    at_seconds: float = 0,
    changed_after: int | None = None,
) -> RetrainRequest:
    """A request at the outcome of the last of `rows` rows, about a change after some of them."""
    return RetrainRequest(
        retrain_id=f"retrain-{number}",
        model=model,
        version=version,
        reason="concept-drift",
        drift_ids=["d1"],
        requested=LogPosition(
            partition=PARTITION, offset=2 * rows - 1, timestamp_ms=EPOCH_MS + int(1000 * at_seconds), event_id="e"
        ),
        change_point=changed_after and ChangePoint(offset=2 * changed_after - 1, timestamp_ms=EPOCH_MS + changed_after),  # type: ignore[arg-type]
    )


def settings(kafka: str, topics: Topics, database: ClickHouseAddress, registry: Path, trainer: str) -> Settings:
    """Settings of a service on real components."""
    return Settings(
        kafka=kafka,
        clickhouse=database,
        topic_prefix=topics.prefix,
        partitions=topics.partitions,
        registry=str(registry),
        worker_host="127.0.0.1",
        worker_port=6066,
        block_records=10_000,
        block_bytes=1 << 24,
        retrain=RetrainSettings(trainer=trainer, cooldown_seconds=60, min_rows=100, window_rows=400),
    )


def messages(kafka: str, topic: str) -> list[Any]:
    """Everything that a topic holds now."""
    consumer = KafkaConsumer(bootstrap_servers=kafka)
    try:
        partitions = [TopicPartition(topic, partition) for partition in consumer.partitions_for_topic(topic)]
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        consumer.seek_to_beginning()
        found: list[Any] = []
        deadline = time.monotonic() + 30
        while any(consumer.position(partition) < end for partition, end in ends.items()):
            assert time.monotonic() < deadline
            found += [record for records in consumer.poll(timeout_ms=500).values() for record in records]
        return found
    finally:
        consumer.close()
