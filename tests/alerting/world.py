"""A notifier on real components that can be killed at any of its steps, and the records that come to it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeVar

from clickhouse_connect.driver.client import Client
from kafka import KafkaConsumer, KafkaProducer

from driftline_alerting.drifts import Drifts
from driftline_alerting.incidents.policy import IncidentPolicy
from driftline_alerting.main import connected_consumer, now_ms, take_round
from driftline_alerting.metrics import NotifierMetrics
from driftline_alerting.notifier import Notifier
from driftline_alerting.publisher import Publisher
from driftline_schemas import Alert, Drift
from driftline_schemas.clickhouse import Reconnecting, connect
from driftline_schemas.codec import decode_incident, encode, headers
from driftline_schemas.events.base import Record
from driftline_schemas.events.incident import Incident
from driftline_schemas.events.incident_action import IncidentAction
from driftline_schemas.events.silence import Silence
from driftline_schemas.settings import ClickHouseAddress, Settings
from driftline_schemas.topics import Topic, Topics
from tests.retrain_service.stored import messages

T = TypeVar("T")


class Killed(BaseException):
    """What a `Fuse` ends a notifier with; nothing catches it, as nothing catches a kill -9."""


class Fuse:
    """Kills at the n-th time that it is asked."""

    def __init__(self, n: int) -> None:
        self._left = n

    def burn(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise Killed


class FusedStore(Reconnecting):
    """May be killed before and after each query and insert."""

    def __init__(self, address: ClickHouseAddress, fuse: Fuse) -> None:
        super().__init__(address)
        self._fuse = fuse

    def __call__(self, work: Callable[[Client], T]) -> T:
        self._fuse.burn()
        done = super().__call__(work)
        self._fuse.burn()
        return done


class FusedPublisher(Publisher):
    """May be killed before, between and after the records that it sends."""

    def __init__(self, settings: Settings, fuse: Fuse) -> None:
        super().__init__(settings)
        self._fuse = fuse

    def notices(self, incidents: Iterable[Incident]) -> None:
        for incident in incidents:
            self._fuse.burn()
            super().notices([incident])
        self._fuse.burn()

    def dead_letter(self, record: Any, reason: str, error: str) -> None:
        super().dead_letter(record, reason, error)
        self._fuse.burn()


class World:
    """One installation without a worker."""

    def __init__(self, kafka: str, topics: Topics, database: ClickHouseAddress, **policy: Any) -> None:
        self.environment = self.variables(kafka, topics, database)
        self.settings = Settings.from_environment(self.environment)
        self.policy = IncidentPolicy(**policy)
        self.client = connect(database)
        self._producer = KafkaProducer(bootstrap_servers=kafka, acks="all")

    @staticmethod
    def variables(kafka: str, topics: Topics, database: ClickHouseAddress) -> dict[str, str]:
        """What a process of the installation reads."""
        address = f"http://{database.username}@{database.host}:{database.port}/{database.database}"
        return {"DRIFTLINE_KAFKA": kafka, "DRIFTLINE_CLICKHOUSE": address, "DRIFTLINE_TOPIC_PREFIX": topics.prefix}

    def close(self) -> None:
        self.client.close()
        self._producer.close()

    def send(self, *records: Record) -> None:
        """Append records to their topics, in order."""
        topics = self.settings.topics
        for record in records:
            topic = {Alert: topics.alerts, Drift: topics.drifts, IncidentAction: topics.incidents}.get(type(record))
            topic = topics.incidents if isinstance(record, Silence) else topic or topics.models
            typed = headers(record) if topic is topics.incidents else []
            self.append(topic, encode(record), getattr(record, "model", ""), typed)

    def append(self, topic: Topic, value: bytes, key: str = "fraud", typed: Iterable[tuple[str, bytes]] = ()) -> None:
        self._producer.send(topic.name, key=key.encode(), value=value, headers=list(typed)).get(timeout=30)

    @contextmanager
    def notifier(self, fuse: Fuse | None = None) -> Iterator[Callable[[], None]]:
        """A notifier that has begun; what is yielded lets it take everything that has come."""
        address = self.settings.clickhouse
        with (
            closing(connected_consumer(self.settings)) as consumer,
            closing(FusedStore(address, fuse) if fuse else Reconnecting(address)) as store,
            FusedPublisher(self.settings, fuse) if fuse else Publisher(self.settings) as publisher,
            closing(Drifts(self.settings, now_ms)) as drifts,
        ):
            notifier = Notifier(self.policy, self.settings.topics, store, publisher, drifts, now_ms, NotifierMetrics())
            notifier.begin()
            yield lambda: self._settle(consumer, notifier)

    def _settle(self, consumer: KafkaConsumer, notifier: Notifier) -> None:
        """Rounds until all is taken, what the notifier has published itself included."""
        while True:
            took = take_round(consumer, notifier)
            partitions = list(consumer.assignment())
            ends = consumer.end_offsets(partitions)
            if not took and all(consumer.position(each) >= ends[each] for each in partitions):
                return

    def steps(self, columns: str, where: str = "1") -> list[tuple[Any, ...]]:
        sql = f"SELECT {columns} FROM incident_steps WHERE {where} ORDER BY incident_id, sequence"
        return [tuple(row) for row in self.client.query(sql).result_rows]

    def notices(self) -> list[Incident]:
        """What was published, in order."""
        found = [
            decode_incident(dict(record.headers)["type"].decode(), record.value)
            for record in self.records(self.settings.topics.incidents)
            if dict(record.headers)
        ]
        return [each for each in found if isinstance(each, Incident)]

    def records(self, topic: Topic) -> list[Any]:
        """Everything in a topic."""
        return messages(self.settings.kafka, topic.name)
