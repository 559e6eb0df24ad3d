"""The retrain service, whose rounds the benchmark turns: one after every stored block, so that a run is lock-step."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from kafka import KafkaConsumer, TopicPartition

from benchmarks.stand import Stand
from driftline_registry import LocalRegistry
from driftline_retrain_service.announcements import Announcements
from driftline_retrain_service.isolation.runner import JobRunner
from driftline_retrain_service.main import parts
from driftline_retrain_service.service import RetrainService
from driftline_schemas.codec import decode_retrain
from driftline_schemas.settings import Settings

_POLL_MS = 50
_MODULES = ["driftline_registry.flavours.sklearn"]


class Loop:
    """The service beside its consumer of requests."""

    def __init__(self, stand: Stand, runner: JobRunner, service: RetrainService, consumer: KafkaConsumer) -> None:
        self._stand = stand
        self._runner = runner
        self._service = service
        self._consumer = consumer

    def turn(self) -> None:
        """Take every request that Kafka has, then bring everything as far as the stored log goes."""
        while self._behind():
            for records in self._consumer.poll(timeout_ms=_POLL_MS).values():
                for record in records:
                    self._service.take(decode_retrain(None, record.value), self._stand.client)
        self._service.advance(self._stand.client)
        while self._runner.wait():
            self._service.advance(self._stand.client)

    def _behind(self) -> bool:
        partitions = list(self._consumer.assignment())
        ends = self._consumer.end_offsets(partitions)
        return any(self._consumer.position(partition) < ends[partition] for partition in partitions)


@contextmanager
def running(stand: Stand, registry: LocalRegistry, settings: Settings) -> Iterator[Loop]:
    """The service on a stand and a registry."""
    topic = stand.topics.retrains
    with (
        JobRunner(_MODULES) as runner,
        Announcements(settings) as announcements,
        closing(KafkaConsumer(bootstrap_servers=stand.kafka, auto_offset_reset="earliest")) as consumer,
    ):
        consumer.assign([TopicPartition(topic.name, number) for number in range(topic.partitions)])
        yield Loop(stand, runner, RetrainService(parts(settings, registry, runner, announcements)), consumer)
