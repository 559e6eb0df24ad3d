"""Where the events topic ends."""

import threading
import time
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from driftline_schemas.errors import Unavailable
from driftline_schemas.settings import Settings

FRESH_SECONDS = 2.0
TIMEOUT_MS = 5_000


class LogEnds:
    """Asks Kafka at most every `FRESH_SECONDS`, over one connection; thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._consumer: KafkaConsumer | None = None
        self._known: dict[int, int] = {}
        self._asked = float("-inf")

    def __call__(self) -> dict[int, int]:
        """By partition, the offset that the next record will have.

        Raises:
            Unavailable: Kafka does not answer.
        """
        with self._lock:
            if time.monotonic() - self._asked > FRESH_SECONDS:
                self._known = self._ask()
                self._asked = time.monotonic()
            return self._known

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._forget()

    def _ask(self) -> dict[int, int]:
        topic = self._settings.topics.events.name
        try:
            consumer = self._connected()
            places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
            ends: dict[Any, int] = consumer.end_offsets(places)
        except KafkaError as error:
            self._forget()
            raise Unavailable(f"Kafka at {self._settings.kafka} does not answer ({error})") from error
        return {place.partition: end for place, end in ends.items()}

    def _connected(self) -> KafkaConsumer:
        if self._consumer is None:
            self._consumer = KafkaConsumer(
                bootstrap_servers=self._settings.kafka.split(","),
                group_id=None,
                bootstrap_timeout_ms=TIMEOUT_MS,
                request_timeout_ms=TIMEOUT_MS,
            )
        return self._consumer

    def _forget(self) -> None:
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None
