"""Single records that people's programs append to Kafka; needs the extra `kafka`."""

from contextlib import closing

from kafka import KafkaProducer
from kafka.errors import KafkaError

from driftline_schemas import codec
from driftline_schemas.errors import Unavailable
from driftline_schemas.events.base import Record
from driftline_schemas.settings import Settings
from driftline_schemas.topics import Topic

CONNECT_TIMEOUT_MS = 10_000
SEND_SECONDS = 30.0


def append(settings: Settings, topic: Topic, model: str, record: Record) -> tuple[int, int]:
    """Append a record about a model to a topic; return its partition and offset.

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
            sent = producer.send(topic.name, codec.encode(record), model.encode(), codec.headers(record))
            place = sent.get(timeout=SEND_SECONDS)
    except KafkaError as error:
        kind = codec.record_type(record)
        raise Unavailable(f"Kafka at {settings.kafka} does not take the {kind} ({error!r}); repeat this") from error
    return place.partition, place.offset
