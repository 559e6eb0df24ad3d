"""The topic `driftline.incidents` as one channel reads it: from where it was, each record until it is settled."""

from collections.abc import Callable, Iterator
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from driftline_alerting.clients import client_settings
from driftline_schemas.errors import Unavailable
from driftline_schemas.settings import Settings

REREAD_RECORDS = 2_000
"""So many records in front of its place a channel reads again, to know what it has settled."""

_POLL_MS = 500
_RECORDS_AT_ONCE = 100
_CLOCK_MARGIN_MS = 60 * 1000
"""How far the clocks of the brokers and of this machine may be apart."""

_CLOSE_TIMEOUT_MS = 1_000


class Inbox:
    """A consumer group's reading; not a member of the group, since one notifier works at a time.

    Args:
        settings: Where Kafka is.
        group: Name of the consumer group; it keeps the channel's place.
        reached_ms: Asks which time the channel has reached, where Kafka does not know its place; None of a new one.

    Raises:
        Exception: Kafka, or what `reached_ms` asks, does not answer.
    """

    def __init__(self, settings: Settings, group: str, reached_ms: Callable[[], int | None]) -> None:
        topic = settings.topics.incidents.name
        self._consumer = KafkaConsumer(
            **client_settings(settings),
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=_RECORDS_AT_ONCE,
        )
        try:
            self._begin(self._partitions(topic), reached_ms)
        except BaseException:
            self.close()
            raise

    def _partitions(self, topic: str) -> list[TopicPartition]:
        numbers = self._consumer.partitions_for_topic(topic)
        if not numbers:
            raise Unavailable(f"there is no topic {topic}: run `driftline setup`")
        partitions = [TopicPartition(topic, number) for number in sorted(numbers)]
        self._consumer.assign(partitions)
        return partitions

    def _begin(self, partitions: list[TopicPartition], reached_ms: Callable[[], int | None]) -> None:
        first = self._consumer.beginning_offsets(partitions)
        places = {each: self._consumer.committed(each) for each in partitions}
        if None in places.values():
            places = self._lost_places(places, reached_ms())
            self._commit(places)
        self._places = {each.partition: max(place, first[each]) for each, place in places.items()}
        for each in partitions:
            self._consumer.seek(each, max(first[each], self._places[each.partition] - REREAD_RECORDS))

    def _lost_places(self, places: dict[Any, int | None], reached_ms: int | None) -> dict[Any, int]:
        """Where to begin: at the end for a channel that is new, else in front of what it has settled last."""
        ends: dict[Any, int] = self._consumer.end_offsets(list(places))
        found: dict[Any, Any] = {}
        if reached_ms is not None:
            since = max(0, reached_ms - _CLOCK_MARGIN_MS)
            found = self._consumer.offsets_for_times(dict.fromkeys(places, since))
        begun = {each: found[each].offset if found.get(each) else end for each, end in ends.items()}
        return {each: begun[each] if place is None else place for each, place in places.items()}

    def records(self) -> Iterator[Any]:
        """What has come; waits a moment for the first. What is not settled comes again after the next start."""
        for records in self._consumer.poll(timeout_ms=_POLL_MS).values():
            yield from records

    def is_settled(self, record: Any) -> bool:
        """Whether the channel had settled a record before this start."""
        return bool(record.offset < self._places[record.partition])

    def settle(self, record: Any) -> None:
        """Commit that a record, and all in front of it, need not come again; raises when Kafka does not confirm it."""
        self._commit({TopicPartition(record.topic, record.partition): record.offset + 1})

    def _commit(self, places: dict[Any, int]) -> None:
        self._consumer.commit({each: OffsetAndMetadata(place, "", -1) for each, place in places.items()})

    def close(self) -> None:
        """Leave Kafka."""
        self._consumer.close(autocommit=False, timeout_ms=_CLOSE_TIMEOUT_MS)
