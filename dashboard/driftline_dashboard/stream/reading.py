"""Reading of `driftline.incidents`."""

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition

from driftline_dashboard.stream.places import Places
from driftline_schemas.codec import decode_incident
from driftline_schemas.errors import InvalidRecord, Unavailable
from driftline_schemas.events.incident import Incident
from driftline_schemas.settings import Settings

_CONNECT_TIMEOUT_MS = 10_000
_POLL_MS = 500
_SILENCE_SECONDS = 30.0
_MOST_AT_ONCE = 1_000

logger = logging.getLogger(__name__)


class Step(NamedTuple):
    """A step of an incident, and where it lies.

    Attributes:
        partition: Of the topic.
        offset: In the partition.
        incident: The incident as it stands after the step.
        json: The same as JSON, in one line, with every field.
    """

    partition: int
    offset: int
    incident: Incident
    json: str


def open_consumer(settings: Settings) -> KafkaConsumer:
    """A consumer without a group; a `KafkaError` when Kafka does not answer."""
    return KafkaConsumer(
        bootstrap_servers=settings.kafka.split(","),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        bootstrap_timeout_ms=_CONNECT_TIMEOUT_MS,
    )


def ends(consumer: KafkaConsumer, settings: Settings) -> Places:
    """The next offset of every partition; `Unavailable` when there is no topic."""
    topic = settings.topics.incidents.name
    numbers = consumer.partitions_for_topic(topic)
    if not numbers:
        raise Unavailable(f"there is no topic {topic}: run `driftline setup`")
    found = consumer.end_offsets([TopicPartition(topic, number) for number in numbers])
    return Places({each.partition: offset for each, offset in found.items()})


def seek(consumer: KafkaConsumer, settings: Settings, places: Mapping[int, int]) -> None:
    """Let a consumer read from some places on."""
    partitions = {TopicPartition(settings.topics.incidents.name, each): offset for each, offset in places.items()}
    consumer.assign(list(partitions))
    for partition, offset in partitions.items():
        consumer.seek(partition, offset)


def poll(consumer: KafkaConsumer) -> list[Any]:
    """The records that have come; waits a moment for the first."""
    return [record for records in consumer.poll(_POLL_MS).values() for record in records]


def steps(records: Iterable[Any]) -> Iterator[Step]:
    """The steps of incidents among records; what people do, and what cannot be read, is passed over."""
    for record in records:
        type_name = dict(record.headers).get("type")
        try:
            decoded = decode_incident(type_name and type_name.decode("utf-8", "replace"), record.value or b"")
        except InvalidRecord as error:
            logger.warning("%s[%d]@%d is passed over: %s", record.topic, record.partition, record.offset, error)
            continue
        if isinstance(decoded, Incident):
            yield Step(record.partition, record.offset, decoded, decoded.model_dump_json())


def between(settings: Settings, places: Places, until: Mapping[int, int]) -> tuple[Sequence[Step], Places]:
    """Read the next steps from some places on, a thousand records or somewhat more; return how far that is.

    Args:
        settings: Where Kafka is.
        places: Where to begin; what retention has deleted is left out.
        until: Where to end.

    Raises:
        Unavailable: Kafka does not deliver; a `KafkaError` when it does not even answer.
    """
    found: list[Any] = []
    wanted = {number: places[number] for number, end in until.items() if places[number] < end}
    with closing(open_consumer(settings)) as consumer:
        seek(consumer, settings, wanted)
        deadline = time.monotonic() + _SILENCE_SECONDS
        while wanted and len(found) < _MOST_AT_ONCE:
            found += (record for record in poll(consumer) if record.offset < until[record.partition])
            reached = {each.partition: consumer.position(each) for each in consumer.assignment()}
            wanted = {number: offset for number, offset in reached.items() if offset < until[number]}
            if time.monotonic() > deadline:
                raise Unavailable(f"Kafka at {settings.kafka} does not deliver {settings.topics.incidents.name}")
        reached = {each.partition: consumer.position(each) for each in consumer.assignment()}
    return list(steps(found)), Places({**places, **{n: min(offset, until[n]) for n, offset in reached.items()}})
