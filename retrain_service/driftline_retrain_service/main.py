"""The retrain service as a program: consume requests until it is interrupted."""

import logging
from typing import Any

from kafka import KafkaConsumer
from kafka.errors import CommitFailedError
from pydantic import ValidationError

from driftline_registry import LocalRegistry
from driftline_retrain_service.announcements import Announcements
from driftline_retrain_service.retry import until_done
from driftline_retrain_service.runner import JobRunner
from driftline_retrain_service.service import RetrainService
from driftline_retrain_service.trainers import find_trainer
from driftline_schemas.clickhouse import connect
from driftline_schemas.events.retrain_request import RetrainRequest
from driftline_schemas.settings import Settings

_POLL_MS = 500
_SESSION_TIMEOUT_MS = 10_000  # a killed service's partitions go to the next one after so long
_MAX_POLL_INTERVAL_MS = 24 * 3600 * 1000  # a retrain may take long, and may have to wait for ClickHouse
_CLOSE_TIMEOUT_MS = 5_000
_OWN_PACKAGE = "driftline_retrain_service."
_FLAVOUR = "driftline_registry.flavours.sklearn"

logger = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Handle requests until an interrupt; what was under way then is done again at the next start.

    Raises:
        ConfigurationError: DRIFTLINE_RETRAIN_TRAINER names no installed trainer.
    """
    trainer = find_trainer(settings.retrain.trainer)
    modules = [_FLAVOUR, *([trainer.module] if trainer.module.startswith(_OWN_PACKAGE) else [])]
    settings.registry.mkdir(parents=True, exist_ok=True)
    with (
        JobRunner(modules) as runner,
        until_done("connecting to Kafka", lambda: Announcements(settings)) as announcements,
    ):
        service = RetrainService(settings.retrain, LocalRegistry(settings.registry), runner, announcements)
        consumer = until_done("connecting to Kafka", lambda: _subscribe(settings))
        try:
            while True:
                _poll(consumer, service, announcements, settings)
        finally:
            consumer.close(autocommit=False, timeout_ms=_CLOSE_TIMEOUT_MS)


def _subscribe(settings: Settings) -> KafkaConsumer:
    return KafkaConsumer(
        settings.topics.retrains.name,
        bootstrap_servers=settings.kafka.split(","),
        group_id=f"{settings.topic_prefix}retrain-service",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=_SESSION_TIMEOUT_MS,
        max_poll_interval_ms=_MAX_POLL_INTERVAL_MS,
    )


def _poll(consumer: KafkaConsumer, service: RetrainService, announcements: Announcements, settings: Settings) -> None:
    """Handle one record, if there is one, and commit it last."""
    for records in consumer.poll(timeout_ms=_POLL_MS, max_records=1).values():
        for record in records:
            _handle(record, service, announcements, settings)
        until_done("committing", lambda: _commit(consumer))


def _commit(consumer: KafkaConsumer) -> None:
    try:
        consumer.commit()
    except CommitFailedError:
        logger.warning("the partition has moved to another service, which recognises what is done by its folder")


def _handle(record: Any, service: RetrainService, announcements: Announcements, settings: Settings) -> None:
    place = f"{record.topic}[{record.partition}]@{record.offset}"
    try:
        request = RetrainRequest.model_validate_json(record.value or b"")
    except ValidationError as error:
        message = str(error.errors()[0]["msg"])[:500]
        until_done(f"{place}: dead letter", lambda: announcements.dead_letter(record, "invalid-field", message))
        return

    def attempt() -> None:
        client = connect(settings.clickhouse)
        try:
            service.process(request, client)
        finally:
            client.close()

    until_done(f"{place}: retrain {request.retrain_id} of {request.model}", attempt)
