"""Reads topics from now on, without a consumer group: every reader sees every record."""

from collections.abc import Iterator, Sequence
from types import TracebackType

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from driftline_schemas.errors import ConfigurationError, Unavailable

CONNECT_TIMEOUT_MS = 10_000
WAIT_MS = 1_000


class Subscription:
    """Values that are appended to some topics after the subscription was made.

    Args:
        kafka: `host:port[,host:port]`.
        topics: Names of topics that exist.

    Raises:
        Unavailable: Kafka does not answer.
        ConfigurationError: A topic does not exist.
    """

    def __init__(self, kafka: str, *topics: str) -> None:
        try:
            self._consumer = KafkaConsumer(
                bootstrap_servers=kafka.split(","),
                group_id=None,
                enable_auto_commit=False,
                bootstrap_timeout_ms=CONNECT_TIMEOUT_MS,
            )
            self._start_at_the_end(topics)
        except KafkaError as error:
            raise Unavailable(f"Kafka at {kafka} does not answer ({error}): check `driftline status`") from error

    def __enter__(self) -> "Subscription":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave Kafka."""
        self._consumer.close()

    def poll(self, timeout_ms: int = 0) -> list[tuple[str, bytes]]:
        """What has arrived: topic and value; waits up to `timeout_ms` for the first."""
        batches = self._consumer.poll(timeout_ms)
        return [(record.topic, record.value) for records in batches.values() for record in records]

    def forever(self) -> Iterator[bytes]:
        """The values as they come, until the caller stops asking."""
        while True:
            for _, value in self.poll(WAIT_MS):
                yield value

    def _start_at_the_end(self, topics: Sequence[str]) -> None:
        partitions = [TopicPartition(topic, number) for topic in topics for number in self._partitions(topic)]
        self._consumer.assign(partitions)
        self._consumer.seek_to_end(*partitions)
        for partition in partitions:
            self._consumer.position(partition)  # now, not at the first poll

    def _partitions(self, topic: str) -> set[int]:
        found: set[int] | None = self._consumer.partitions_for_topic(topic)
        if not found:
            raise ConfigurationError(f"topic {topic} does not exist: run `driftline setup`")
        return found
