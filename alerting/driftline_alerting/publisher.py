"""What the notifier writes to Kafka."""

from collections.abc import Collection, Iterable
from types import TracebackType
from typing import Any, Self

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from driftline_alerting.clients import client_settings
from driftline_schemas.codec import encode, headers
from driftline_schemas.dead_letters import fault_headers
from driftline_schemas.events.incident import Incident
from driftline_schemas.settings import Settings

_DELIVERY_SECONDS = 30.0
"""After so long a record is given up, so that one that is sent again did not wait to be sent all the same."""

_TIMEOUT_SECONDS = _DELIVERY_SECONDS + 10.0
_TAIL_RECORDS = 2_000
_POLL_MS = 1_000


class Publisher:
    """Writes and waits until the brokers have it. Raises a `KafkaError` when they do not in time."""

    def __init__(self, settings: Settings) -> None:
        """Connect; `kafka.errors.NoBrokersAvailable` when nobody answers."""
        self._client = client_settings(settings)
        self._incidents = settings.topics.incidents.name
        self._dead_letters = settings.topics.dead_letters.name
        self._producer = KafkaProducer(
            **self._client,
            acks="all",
            enable_idempotence=True,
            request_timeout_ms=int(_DELIVERY_SECONDS * 1000),
            delivery_timeout_ms=int(_DELIVERY_SECONDS * 1000),
        )

    def notices(self, incidents: Iterable[Incident]) -> None:
        """Publish steps of incidents, in their order."""
        sent = [
            self._producer.send(self._incidents, key=each.model.encode(), value=encode(each), headers=headers(each))
            for each in incidents
        ]
        for future in sent:
            future.get(timeout=_TIMEOUT_SECONDS)

    def dead_letter(self, record: Any, reason: str, error: str) -> None:
        """Keep a record that cannot be used, with the reason and where it was."""
        with_fault = [*record.headers, *fault_headers(record, reason, error)]
        self._producer.send(self._dead_letters, key=record.key, value=record.value, headers=with_fault).get(
            timeout=_TIMEOUT_SECONDS
        )

    def unpublished(self, incidents: Collection[Incident]) -> list[Incident]:
        """Those of the newest steps that are not among the last records of the topic."""
        if not incidents:
            return []
        missing = {each.notice_id.encode(): each for each in incidents}
        consumer = KafkaConsumer(**self._client, group_id=None, enable_auto_commit=False)
        try:
            for value in _tail(consumer, self._incidents):
                for notice_id in [each for each in missing if each in value]:
                    del missing[notice_id]
        finally:
            consumer.close(autocommit=False)
        return list(missing.values())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._producer.close(timeout=_TIMEOUT_SECONDS if error is None else 1.0)


def _tail(consumer: KafkaConsumer, topic: str) -> Iterable[bytes]:
    """The values of the last records of a topic."""
    partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
    consumer.assign(partitions)
    first, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
    for partition in partitions:
        consumer.seek(partition, max(first[partition], ends[partition] - _TAIL_RECORDS))
    while any(consumer.position(partition) < ends[partition] for partition in partitions):
        for records in consumer.poll(_POLL_MS).values():
            yield from (record.value or b"" for record in records)
