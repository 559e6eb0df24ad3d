"""What is sent on to Kafka because of a record of the log."""

from driftline_schemas import Tick, codec
from driftline_schemas.codec import MAX_HEADER_BYTES, MAX_RECORD_BYTES
from driftline_schemas.dead_letters import fault_headers
from driftline_schemas.topics import MAX_MESSAGE_BYTES, Topics
from driftline_stream_processors.incoming import ORIGIN, Incoming
from driftline_stream_processors.kafka.outbox import Message
from driftline_stream_processors.steps.decide import Decision
from driftline_stream_processors.steps.decode import Rejected
from driftline_stream_processors.steps.route import Away

CUT = "driftline-cut"
"""Header of a dead letter that is only the beginning of its record: how long that was."""


def tick(topic: str, partition: int) -> Message:
    """A record that says that time has passed in a partition, and ends its open block."""
    event = Tick()
    return Message(topic, None, codec.encode(event), codec.headers(event), partition)


def announcement(decision: Decision, topics: Topics) -> list[Message]:
    """A drift and its alert; with a retrain request also a tick, so that the block with the rows it wants ends soon."""
    key = decision.drift.model.encode()
    messages = [Message(topics.drifts.name, key, codec.encode(decision.drift))]
    if decision.alert is not None:
        messages.append(Message(topics.alerts.name, key, codec.encode(decision.alert)))
    if decision.retrain is not None:
        messages.append(Message(topics.retrains.name, key, codec.encode(decision.retrain)))
        messages.append(tick(topics.events.name, decision.at.partition))
    return messages


def dead_letter(rejected: Rejected, topics: Topics) -> Message:
    """A record that cannot be used: its bytes, key and headers, and why.

    Of a record that only compression made short enough for Kafka, the beginning of its value and key are kept, and the
    header `driftline-cut` says how long it was; the whole one stays where it is in the log, as long as that keeps it.
    """
    key, value, headers = _kept(rejected.incoming)
    record = rejected.incoming.record
    headers += fault_headers(record, rejected.reason, rejected.error)
    return Message(topics.dead_letters.name, key, value, headers)


def _kept(incoming: Incoming) -> tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]:
    key, value = incoming.record.key, incoming.record.value
    lengths = len(key or b""), len(value or b""), incoming.header_bytes
    if sum(lengths) <= MAX_MESSAGE_BYTES:
        return key, value, list(incoming.record.headers)
    said = "key {}, value {}, headers {} bytes".format(*lengths)
    return key and key[:MAX_HEADER_BYTES], value and value[:MAX_RECORD_BYTES], [(CUT, said.encode())]


def forwarded(away: Away) -> Message:
    """A record of a foreign partition, for its own, with the place where it was first."""
    record = away.incoming.record
    headers = [*record.headers, (ORIGIN, f"{record.partition}:{record.offset}".encode())]
    return Message(record.topic, record.key, record.value, headers, away.partition)
