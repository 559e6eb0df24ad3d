"""How far the worker and the retrain service are behind the prediction service."""

import time
from http.client import HTTPException
from urllib.request import urlopen

import orjson
from kafka import KafkaConsumer, TopicPartition

from driftline.demo.service import MODEL
from driftline_registry import open_registry
from driftline_retrain_service.runs.progress import Progress
from driftline_schemas.partitioner import partition_for
from driftline_schemas.settings import Settings

LIMIT_EVENTS = 1_000
"""A third of a second of the replay."""
RETRAIN_LIMIT_RECORDS = 48
"""Records of 32 predictions or of 32 outcomes: 16 days of the market, and several stored blocks."""
ASK_SECONDS = 0.1
TIMEOUT_SECONDS = 5.0


class Backlog:
    """What Kafka holds and the worker (by its `/healthz`) or the retrain service (by its file) has not seen yet.

    Args:
        settings: Where Kafka, the worker and the registry are.
    """

    def __init__(self, settings: Settings) -> None:
        events = settings.topics.events
        self._url = f"http://{settings.worker_host}:{settings.worker_port}/healthz"
        self._partitions = [TopicPartition(events.name, number) for number in range(events.partitions)]
        # Never polled: an answer about offsets would have to wait for the fetch before it.
        self._consumer = KafkaConsumer(bootstrap_servers=settings.kafka.split(","), enable_auto_commit=False)
        self._progress = Progress(open_registry(settings.registry).root / "runs")
        self._model = TopicPartition(events.name, partition_for(MODEL, events.partitions))
        self._asked_at = -ASK_SECONDS
        self._is_long = self._retrain_is_long = False

    def close(self) -> None:
        """Leave Kafka."""
        self._consumer.close()

    def is_long(self) -> bool:
        """Whether it is longer than `LIMIT_EVENTS`; asked anew at most every `ASK_SECONDS`."""
        self._ask()
        return self._is_long

    def is_long_for_retrains(self) -> bool:
        """Whether the retrain service is behind by more than `RETRAIN_LIMIT_RECORDS`, as while it trains."""
        self._ask()
        return self._retrain_is_long

    def _ask(self) -> None:
        if time.monotonic() - self._asked_at < ASK_SECONDS:
            return
        written = self._consumer.end_offsets(self._partitions)
        self._is_long = sum(written.values()) - self._processed() > LIMIT_EVENTS
        reached = self._progress.read().get(self._model.partition, 0)
        self._retrain_is_long = written[self._model] - reached > RETRAIN_LIMIT_RECORDS
        self._asked_at = time.monotonic()

    def _processed(self) -> int:
        """The number of records that the worker has processed; 0 when it does not answer."""
        try:
            with urlopen(self._url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - the demo's own worker
                partitions = orjson.loads(answer.read())["partitions"]
        except (OSError, HTTPException):
            return 0
        return sum(int(partition["next_offset"]) for partition in partitions.values())
