"""Steps of incidents, in the topic as the notifier writes them."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from kafka import KafkaProducer

from driftline_schemas import codec
from driftline_schemas.clickhouse import connect, insert_columns
from driftline_schemas.events.base import Record
from driftline_schemas.events.incident import Incident
from driftline_schemas.settings import ClickHouseAddress, RetrainSettings, Settings
from driftline_schemas.topics import Topics

OPENED_MS = 1_763_870_000_000


def incident(number: int = 0, **fields: Any) -> Incident:
    """The first step of an incident of the model `fraud`."""
    values: dict[str, Any] = {
        "notice_id": f"notice-{number}",
        "incident_id": f"incident-{number}",
        "model": "fraud",
        "version": "3",
        "owner": "risk",
        "step": "opened",
        "notify": True,
        "state": "open",
        "severity": "warning",
        "kinds": ["data-drift"],
        "features": ["amount"],
        "alerts": 1,
        "last_alert_id": f"alert-{number}",
        "headline": "fraud: amount rose from 12.1 to 19.8 since 2025-11-23 03:53 UTC",
        "evidence": ["amount: mean 12.1 before, 19.8 since; statistic 0.31, threshold 0.05"],
        "cause": "a new tariff",
        "remedy": "retrain r-1 has been asked for",
        "since_ms": OPENED_MS - 600_000,
        "opened_ms": OPENED_MS,
        "timestamp_ms": OPENED_MS,
    }
    return Incident.model_validate(values | fields)


def settings(kafka: str, topics: Topics, database: ClickHouseAddress) -> Settings:
    """Settings of a notifier on real components."""
    return Settings(
        kafka=kafka,
        clickhouse=database,
        topic_prefix=topics.prefix,
        partitions=topics.partitions,
        registry="",
        worker_host="127.0.0.1",
        worker_port=6066,
        block_records=10_000,
        block_bytes=1 << 24,
        retrain=RetrainSettings(),
    )


def append(kafka: str, topics: Topics, records: Sequence[Record]) -> list[int]:
    """Append records as the notifier does; their offsets."""
    with closing(KafkaProducer(bootstrap_servers=kafka, acks="all")) as producer:
        sent = [
            producer.send(
                topics.incidents.name,
                key=getattr(each, "model", "").encode(),
                value=codec.encode(each),
                headers=codec.headers(each),
            )
            for each in records
        ]
        return [each.get(timeout=30).offset for each in sent]


def store_step(configured: Settings, step: Incident, sequence: int = 0) -> None:
    """Store a step as the notifier does, ahead of its record."""
    values = step.model_dump()
    times = {"since": values.pop("since_ms"), "opened_at": values.pop("opened_ms"), "at": values.pop("timestamp_ms")}
    columns = {name: [value] for name, value in {**values, **times, "sequence": sequence}.items()}
    with connect(configured.clickhouse) as client:
        insert_columns(client, "incident_log", columns, step.notice_id)
