"""The retrain service as a program: take records and go on with what is open, until it is interrupted."""

import logging
import math
import time
from contextlib import closing
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from driftline_registry import Registry, open_registry
from driftline_registry.files import exclusive_lock
from driftline_retrain_service.announcements import Announcements
from driftline_retrain_service.audit import Audit
from driftline_retrain_service.context import LoadedModels, Parts
from driftline_retrain_service.errors import RunRefused
from driftline_retrain_service.isolation.runner import JobRunner
from driftline_retrain_service.metrics import pages
from driftline_retrain_service.rounds import Rounds
from driftline_retrain_service.runs import Runs
from driftline_retrain_service.runs.watches import Watches
from driftline_retrain_service.service import RetrainService
from driftline_retrain_service.trainers import find_trainer
from driftline_schemas.clickhouse import Reconnecting
from driftline_schemas.codec import decode_retrain
from driftline_schemas.errors import InvalidRecord, Unavailable
from driftline_schemas.pages import served
from driftline_schemas.retry import until_done
from driftline_schemas.settings import Settings

_POLL_MS = 200
_LOOK_MS = 10
_CLOSE_TIMEOUT_MS = 5_000
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 10.0
_OWN_PACKAGE = "driftline_retrain_service."
_FLAVOUR = "driftline_registry.flavours.sklearn"

logger = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Serve until an interrupt; what was under way then goes on at the next start.

    One service works on a registry; another one that is started stands by, and goes on when that one has gone.

    Raises:
        ConfigurationError: DRIFTLINE_RETRAIN_TRAINER names no installed trainer.
    """
    trainer = find_trainer(settings.retrain.trainer)
    registry = open_registry(settings.registry)
    modules = [_FLAVOUR, type(registry).__module__]  # MLflow's client takes seconds to import
    if trainer.module.startswith(_OWN_PACKAGE):
        modules.append(trainer.module)
    registry.root.mkdir(parents=True, exist_ok=True)
    with (
        exclusive_lock(registry.root / "retrain-service.lock", math.inf),
        JobRunner(modules) as runner,
        until_done("connecting to Kafka", lambda: Announcements(settings)) as announcements,
    ):
        having, rounds = parts(settings, registry, runner, announcements), Rounds()
        with served(settings.retrain.host, settings.retrain.port, pages(having, rounds)):
            consumer = until_done("connecting to Kafka", lambda: _consumer(settings))
            try:
                _serve(consumer, RetrainService(having), having, rounds, settings)
            finally:
                consumer.close(autocommit=False, timeout_ms=_CLOSE_TIMEOUT_MS)


def parts(settings: Settings, registry: Registry, runner: JobRunner, announcements: Announcements) -> Parts:
    """What a service needs, in the folder of its registry."""
    runs = registry.root.resolve() / "runs"
    runs.mkdir(exist_ok=True)
    return Parts(
        settings=settings.retrain,
        registry=registry,
        runner=runner,
        announcements=announcements,
        audit=Audit(registry.root),
        runs=Runs(runs),
        watches=Watches(registry.root / "watches"),
        load=LoadedModels(registry),
    )


def _consumer(settings: Settings) -> KafkaConsumer:
    """A consumer of all requests. Not a member of a group: one service works on a registry, whom its lock tells.

    So the next one begins at once where a killed one has committed, without waiting for its session to expire.
    """
    topic = settings.topics.retrains.name
    consumer = KafkaConsumer(
        bootstrap_servers=settings.kafka.split(","),
        group_id=f"{settings.topic_prefix}retrain-service",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    partitions = consumer.partitions_for_topic(topic)
    if not partitions:
        consumer.close(autocommit=False)
        raise Unavailable(f"there is no topic {topic}: run `driftline setup`")
    consumer.assign([TopicPartition(topic, number) for number in partitions])
    return consumer


def _serve(consumer: KafkaConsumer, service: RetrainService, having: Parts, rounds: Rounds, settings: Settings) -> None:
    """Take what has come, then go on with what is open; again and again, and at once when a training has ended."""
    pause_seconds = 0.0
    with closing(Reconnecting(settings.clickhouse)) as store:
        while True:
            has_waited = having.runner.wait(_POLL_MS / 1000)
            for records in consumer.poll(timeout_ms=_LOOK_MS if has_waited else _POLL_MS).values():
                for record in records:
                    _take(record, service, having.announcements, store)
                until_done("committing", consumer.commit)
            try:
                store(service.advance)
                pause_seconds = 0.0
                rounds.ended()
            except Exception as error:
                rounds.ended(error)
                pause_seconds = min(max(2 * pause_seconds, _FIRST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)
                logger.warning(
                    "going on failed, next try in %.1f s: %s", pause_seconds, error, exc_info=logger.isEnabledFor(10)
                )
                time.sleep(pause_seconds)


def _take(record: Any, service: RetrainService, announcements: Announcements, store: Reconnecting) -> None:
    place = f"{record.topic}[{record.partition}]@{record.offset}"
    try:
        type_name = dict(record.headers).get("type")
        decoded = decode_retrain(
            None if type_name is None else type_name.decode("utf-8", "replace"), record.value or b""
        )
    except InvalidRecord as error:
        reason, message = error.reason, str(error)
        until_done(f"{place}: dead letter", lambda: announcements.dead_letter(record, reason, message))
        return
    try:
        until_done(place, lambda: store(lambda client: service.take(decoded, client)), hopeless=RunRefused)
    except RunRefused as error:
        logger.error("%s is passed over: %s", place, error)  # noqa: TRY400 - the message says all
