"""How far the worker is behind the prediction service."""

import time
from http.client import HTTPException
from urllib.request import urlopen

import orjson
from kafka import KafkaConsumer, TopicPartition

from driftline_schemas.settings import Settings

LIMIT_EVENTS = 1_000
"""A third of a second of the replay."""
ASK_SECONDS = 0.1
TIMEOUT_SECONDS = 5.0


class Backlog:
    """The events that Kafka holds and the worker has not processed yet, by its `/healthz`.

    Args:
        settings: Where Kafka and the worker are.
    """

    def __init__(self, settings: Settings) -> None:
        events = settings.topics.events
        self._url = f"http://{settings.worker_host}:{settings.worker_port}/healthz"
        self._partitions = [TopicPartition(events.name, number) for number in range(events.partitions)]
        # Never polled: an answer about offsets would have to wait for the fetch before it.
        self._consumer = KafkaConsumer(bootstrap_servers=settings.kafka.split(","), enable_auto_commit=False)
        self._asked_at = -ASK_SECONDS
        self._is_long = False

    def close(self) -> None:
        """Leave Kafka."""
        self._consumer.close()

    def is_long(self) -> bool:
        """Whether it is longer than `LIMIT_EVENTS`; asked anew at most every `ASK_SECONDS`."""
        if time.monotonic() - self._asked_at >= ASK_SECONDS:
            written = sum(self._consumer.end_offsets(self._partitions).values())
            self._is_long = written - self._processed() > LIMIT_EVENTS
            self._asked_at = time.monotonic()
        return self._is_long

    def _processed(self) -> int:
        """The number of records that the worker has processed; 0 when it does not answer."""
        try:
            with urlopen(self._url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - the demo's own worker
                partitions = orjson.loads(answer.read())["partitions"]
        except (OSError, HTTPException):
            return 0
        return sum(int(partition["next_offset"]) for partition in partitions.values())
