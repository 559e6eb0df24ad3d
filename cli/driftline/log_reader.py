"""Reads topics from anywhere to their end, without a consumer group."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from driftline_schemas.errors import ConfigurationError, Unavailable

CONNECT_TIMEOUT_MS = 10_000
POLL_MS = 1_000
SILENCE_SECONDS = 30.0
"""Kafka has records that it does not deliver: after so long it counts as away."""


class Watermarks(NamedTuple):
    """The offset of the first record that a partition still has, and the one after its last."""

    low: int
    high: int


class LogReader:
    """A connection for reading; to be closed.

    Args:
        kafka: `host:port[,host:port]`.

    Raises:
        Unavailable: Kafka does not answer; also by every method.
    """

    def __init__(self, kafka: str) -> None:
        self._kafka = kafka
        with self._told_errors():
            self._consumer = KafkaConsumer(
                bootstrap_servers=kafka.split(","),
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                bootstrap_timeout_ms=CONNECT_TIMEOUT_MS,
            )

    def __enter__(self) -> "LogReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._consumer.close()

    def watermarks(self, topic: str) -> dict[int, Watermarks]:
        """Where the partitions of a topic begin and end now.

        Raises:
            ConfigurationError: The topic does not exist.
        """
        with self._told_errors():
            numbers = self._consumer.partitions_for_topic(topic)
            if not numbers:
                raise ConfigurationError(f"topic {topic} does not exist: run `driftline setup`")
            partitions = [TopicPartition(topic, number) for number in sorted(numbers)]
            low, high = self._consumer.beginning_offsets(partitions), self._consumer.end_offsets(partitions)
        return {tp.partition: Watermarks(low[tp], high[tp]) for tp in partitions}

    def since(self, topic: str, timestamp_ms: int) -> Iterator[Any]:
        """The records of a topic that were appended at this time or later, up to its end now; by partition."""
        ends = self.watermarks(topic)
        with self._told_errors():
            asked = {TopicPartition(topic, number): timestamp_ms for number in ends}
            starts = self._consumer.offsets_for_times(asked)
        for partition, found in starts.items():
            if found is not None:
                yield from self.between(topic, partition.partition, found.offset, ends[partition.partition].high)

    def between(self, topic: str, partition: int, first: int, end: int) -> Iterator[Any]:
        """The records of a partition from offset `first` to before `end`, as far as they are still there."""
        place = TopicPartition(topic, partition)
        with self._told_errors():
            self._consumer.assign([place])
            self._consumer.seek(place, first)
        while records := self._next(place, end):
            yield from (record for record in records if record.offset < end)

    def _next(self, place: TopicPartition, end: int) -> list[Any]:
        """The next records; none at the end."""
        deadline = time.monotonic() + SILENCE_SECONDS
        with self._told_errors():
            while self._consumer.position(place) < end:
                polled: Mapping[Any, list[Any]] = self._consumer.poll(POLL_MS)
                if polled:
                    return polled[place]
                if time.monotonic() > deadline:
                    raise Unavailable(f"Kafka at {self._kafka} does not deliver {place}: check `driftline status`")
        return []

    @contextmanager
    def _told_errors(self) -> Iterator[None]:
        try:
            yield
        except KafkaError as error:
            raise Unavailable(f"Kafka at {self._kafka} does not answer ({error}): check `driftline status`") from error
