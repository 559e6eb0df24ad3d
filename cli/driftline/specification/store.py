"""Specifications in the log, and the one in force."""

import time
from contextlib import closing

from kafka import KafkaProducer
from kafka.errors import KafkaError

from driftline import store
from driftline.log_reader import CONNECT_TIMEOUT_MS
from driftline_schemas import ModelSpec, codec
from driftline_schemas.errors import Unavailable
from driftline_schemas.settings import ClickHouseAddress, Settings

SEND_SECONDS = 30.0

_IN_FORCE = "SELECT spec FROM model_specs WHERE model = {model:String}"


def in_force(address: ClickHouseAddress, model: str) -> ModelSpec | None:
    """The specification of a model that workers have stored; None without one."""
    rows = store.rows(address, _IN_FORCE, {"model": model})
    return ModelSpec.model_validate_json(str(rows[0]["spec"])) if rows else None


def append(settings: Settings, spec: ModelSpec) -> tuple[int, int]:
    """Append a specification to its model's log; return its partition and offset, from where on it holds.

    Raises:
        Unavailable: Kafka does not answer or does not take it.
    """
    try:
        producer = KafkaProducer(
            bootstrap_servers=settings.kafka.split(","),
            acks="all",
            enable_idempotence=True,
            bootstrap_timeout_ms=CONNECT_TIMEOUT_MS,
        )
        with closing(producer):
            sent = producer.send(
                settings.topics.events.name, codec.encode(spec), spec.model.encode(), codec.headers(spec)
            ).get(timeout=SEND_SECONDS)
    except KafkaError as error:
        raise Unavailable(
            f"Kafka at {settings.kafka} does not take the specification ({error!r}); repeat this"
        ) from error
    return sent.partition, sent.offset


def now_ms() -> int:
    """When a specification is written."""
    return int(time.time() * 1000)
