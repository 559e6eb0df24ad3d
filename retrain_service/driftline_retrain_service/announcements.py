"""What the service writes to Kafka."""

from collections import Counter
from types import TracebackType
from typing import Any, Self

from kafka import KafkaProducer

from driftline_schemas.codec import encode, headers
from driftline_schemas.dead_letters import fault_headers
from driftline_schemas.events.model_change import ModelChange, ModelPromoted
from driftline_schemas.settings import Settings
from driftline_schemas.topics import Topics

_TIMEOUT_SECONDS = 30.0


class Announcements:
    """Writes and waits until the brokers have it. Raises a `KafkaError` when they do not in time.

    Attributes:
        changes: Changes that were announced since the service started, by their action.
    """

    def __init__(self, settings: Settings) -> None:
        """Connect; `kafka.errors.NoBrokersAvailable` when nobody answers."""
        self.changes: Counter[str] = Counter()
        self._topics: Topics = settings.topics
        self._producer = KafkaProducer(bootstrap_servers=settings.kafka.split(","), acks="all")

    def change(self, change: ModelChange) -> None:
        """Tell subscribers on `models`, and of a new champion everybody who reads the model's own log."""
        key = change.model.encode()
        self._send(self._topics.models.name, key, encode(change), [])
        if change.action != "refused":
            promoted = ModelPromoted.model_validate(change.model_dump())
            self._send(self._topics.events.name, key, encode(promoted), headers(promoted))
        self.changes[change.action] += 1

    def dead_letter(self, record: Any, reason: str, error: str) -> None:
        """Keep a record that is not a request, with the reason and where it was."""
        with_fault = [*record.headers, *fault_headers(record, reason, error)]
        self._send(self._topics.dead_letters.name, record.key, record.value, with_fault)

    def _send(self, topic: str, key: bytes | None, value: bytes | None, with_headers: list[tuple[str, bytes]]) -> None:
        self._producer.send(topic, key=key, value=value, headers=with_headers).get(timeout=_TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._producer.close(timeout=_TIMEOUT_SECONDS if error is None else 1.0)
