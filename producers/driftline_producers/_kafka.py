"""kafka-python's producer with the settings, and the manners, that an emitter needs."""

import os
import socket
from contextlib import suppress

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError

from driftline_schemas.errors import Unavailable

_NEVER_MS = 2**31 - 1
_KIB = 1024

_SETTINGS = {
    "acks": "all",
    "enable_idempotence": True,
    "allow_auto_create_topics": False,
    "linger_ms": 0,  # a record is a batch already
    "batch_size": 256 * _KIB,
    "max_request_size": 4 * _KIB * _KIB,
    "delivery_timeout_ms": _NEVER_MS,  # a record that waits is bounded by its queue, not by a clock
    "reconnect_backoff_max_ms": 2_000,
    "metrics_enabled": False,
}


class Producer(KafkaProducer):  # type: ignore[misc]
    """A producer that is closed by its owner alone, and whose `close` always ends.

    kafka-python closes a producer in its destructor and at the exit of the interpreter: before the owner has handed
    over its last records, and also in a forked child, where it waits for threads that are not there. Both calls, and
    no other, come with `null_logger`.
    """

    def close(self, timeout: float | None = None, null_logger: bool = False) -> None:
        """Close; what is unsent after `timeout` seconds fails."""
        if not null_logger:
            super().close(timeout)

    def flush(self, timeout: float | None = None) -> None:
        """Wait for what is unsent; when time runs out, `close`, which begins with this, goes on nevertheless."""
        with suppress(KafkaTimeoutError):
            super().flush(timeout)


def open_producer(kafka: str, topic: str, timeout_seconds: float) -> Producer:
    """A producer that is connected and knows the topic.

    Args:
        kafka: `host:port[,host:port]`.
        topic: Must exist; it is not created.
        timeout_seconds: For each of the three steps (connect, handshake, look the topic up).

    Raises:
        Unavailable: Kafka does not answer, or the topic does not exist.
    """
    _require_listener(kafka, timeout_seconds)
    timeout_ms = int(timeout_seconds * 1000)
    try:
        producer = Producer(
            bootstrap_servers=kafka.split(","),
            client_id=f"driftline-{os.getpid()}",
            bootstrap_timeout_ms=timeout_ms,
            max_block_ms=timeout_ms,
            **_SETTINGS,
        )
    except KafkaError as error:
        raise Unavailable(f"Kafka at {kafka} does not answer as Kafka does ({error!r})") from error
    try:
        producer.partitions_for(topic)
    except KafkaError as error:
        producer.close(0)
        raise Unavailable(f"topic {topic} is not at {kafka} ({error!r}): create it with `driftline setup`") from error
    return producer


def _require_listener(kafka: str, timeout_seconds: float) -> None:
    """Knock first: a `KafkaProducer` that finds nobody leaves open sockets behind when it gives up."""
    faults = []
    for address in kafka.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout_seconds).close()
        except OSError as error:
            faults.append(f"{address}: {error}")
        else:
            return
    raise Unavailable(f"Kafka does not answer ({'; '.join(faults)}): check that it runs there")
