"""Notices that a channel gave up."""

from contextlib import closing
from typing import Any

from kafka import KafkaProducer

from driftline_alerting.clients import client_settings
from driftline_schemas.dead_letters import fault_headers
from driftline_schemas.settings import Settings
from driftline_schemas.topics import MAX_DEAD_LETTER_BYTES

REASON = "undeliverable"
CHANNEL = "driftline-channel"
"""Header of a dead letter that names the channel that gave up."""

_TIMEOUT_SECONDS = 30.0


def dead_letter(record: Any, channel: str, error: str, settings: Settings) -> None:
    """Keep the record of a notice, and why which channel did not deliver it; raises when Kafka does not take it."""
    headers = [*record.headers, *fault_headers(record, REASON, error), (CHANNEL, channel.encode())]
    producer = KafkaProducer(**client_settings(settings), acks="all", max_request_size=MAX_DEAD_LETTER_BYTES)
    with closing(producer):
        topic = settings.topics.dead_letters.name
        producer.send(topic, key=record.key, value=record.value, headers=headers).get(timeout=_TIMEOUT_SECONDS)
