"""The notifier as a program: alerts become incidents, and people are told, until it is interrupted."""

import logging
import time
from collections.abc import Sequence
from contextlib import closing

from kafka import KafkaConsumer, TopicPartition

from driftline_alerting.clients import client_settings
from driftline_alerting.configuration import Configuration
from driftline_alerting.delivery import Deliveries
from driftline_alerting.drifts import Drifts
from driftline_alerting.lease import Lease
from driftline_alerting.metrics import NotifierMetrics
from driftline_alerting.notifier import Notifier
from driftline_alerting.publisher import Publisher
from driftline_schemas.clickhouse import Reconnecting
from driftline_schemas.errors import Unavailable
from driftline_schemas.pages import served
from driftline_schemas.retry import until_done
from driftline_schemas.settings import Settings

_POLL_MS = 200
_CLOSE_TIMEOUT_MS = 5_000
_NEWS_MS = 10_000
"""What is younger is no backlog."""

logger = logging.getLogger(__name__)


def run(settings: Settings, configuration: Configuration) -> None:
    """Serve until an interrupt; what was under way then goes on at the next start.

    One notifier of an installation works; another one that is started stands by, and goes on when that one has gone.
    """
    metrics, lease = NotifierMetrics(configuration.channels), Lease(settings)
    with served(settings.notify_host, settings.notify_port, metrics.pages(lease)), lease:
        while True:
            lease.wait()
            _work(settings, configuration, metrics, lease)
            logger.warning("the lease is lost: another notifier may work now")
            metrics.stand(())


def _work(settings: Settings, configuration: Configuration, metrics: NotifierMetrics, lease: Lease) -> None:
    """Take and deliver as long as the lease is this process's."""
    consumer = until_done("connecting to Kafka", lambda: connected_consumer(settings))
    try:
        with (
            closing(Reconnecting(settings.clickhouse)) as store,
            until_done("connecting to Kafka", lambda: Publisher(settings)) as publisher,
            closing(until_done("connecting to Kafka", lambda: Drifts(settings, now_ms))) as drifts,
            Deliveries(configuration, settings, metrics, lease.is_held),
        ):
            notifier = Notifier(configuration.incidents, settings.topics, store, publisher, drifts, now_ms, metrics)
            notifier.begin()
            while lease.is_owned:
                if lease.is_held():
                    take_round(consumer, notifier)
                    metrics.passed()
                else:
                    time.sleep(_POLL_MS / 1000)
    finally:
        consumer.close(autocommit=False, timeout_ms=_CLOSE_TIMEOUT_MS)


def now_ms() -> int:
    """The time, in epoch milliseconds."""
    return int(time.time() * 1000)


def connected_consumer(settings: Settings) -> KafkaConsumer:
    """A consumer of all that incidents are made of; not a member of its group, since one notifier works at a time."""
    consumer = KafkaConsumer(
        **client_settings(settings),
        group_id=f"{settings.topic_prefix}notifier",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    try:
        consumer.assign(_partitions(consumer, settings))
    except BaseException:
        consumer.close(autocommit=False)
        raise
    return consumer


def _partitions(consumer: KafkaConsumer, settings: Settings) -> Sequence[TopicPartition]:
    topics = settings.topics
    found: list[TopicPartition] = []
    for topic in (topics.alerts, topics.incidents, topics.models):
        numbers = consumer.partitions_for_topic(topic.name)
        if not numbers:
            raise Unavailable(f"there is no topic {topic.name}: run `driftline setup`")
        found += [TopicPartition(topic.name, number) for number in sorted(numbers)]
    return found


def take_round(consumer: KafkaConsumer, notifier: Notifier) -> bool:
    """Take what has come, then let time pass; not while old records come, which are to be taken before.

    Returns:
        Whether anything had come.
    """
    records = [record for batch in consumer.poll(timeout_ms=_POLL_MS).values() for record in batch]
    if records:
        notifier.take(records)
        until_done("committing", consumer.commit)
    if all(record.timestamp > now_ms() - _NEWS_MS for record in records):
        notifier.pass_time()
    return bool(records)
