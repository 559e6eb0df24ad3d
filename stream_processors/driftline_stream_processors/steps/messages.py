"""What is sent on to Kafka because of a record of the log."""

from driftline_schemas import Tick, codec
from driftline_schemas.topics import Topics
from driftline_stream_processors.kafka.outbox import Message
from driftline_stream_processors.steps.decide import Decision
from driftline_stream_processors.steps.decode import Rejected
from driftline_stream_processors.steps.route import ORIGIN, Away


def tick(topic: str, partition: int) -> Message:
    """A record that says that time has passed in a partition, and ends its open block."""
    event = Tick()
    return Message(topic, None, codec.encode(event), codec.headers(event), partition)


def announcement(decision: Decision, topics: Topics) -> list[Message]:
    """A drift and its alert; with a retrain request also a tick, so that the block with the rows it wants ends soon."""
    key = decision.drift.model.encode()
    messages = [
        Message(topics.drifts.name, key, codec.encode(decision.drift)),
        Message(topics.alerts.name, key, codec.encode(decision.alert)),
    ]
    if decision.retrain is not None:
        messages.append(Message(topics.retrains.name, key, codec.encode(decision.retrain)))
        messages.append(tick(topics.events.name, decision.at.partition))
    return messages


def dead_letter(rejected: Rejected, topics: Topics) -> Message:
    """A record that cannot be used: its bytes, key and headers, and why."""
    record = rejected.incoming.record
    headers = [
        *record.headers,
        ("driftline-reason", rejected.reason.encode()),
        ("driftline-error", rejected.error.encode("utf-8", "replace")),
        ("driftline-topic", record.topic.encode()),
        ("driftline-partition", str(record.partition).encode()),
        ("driftline-offset", str(record.offset).encode()),
    ]
    return Message(topics.dead_letters.name, record.key, record.value, headers)


def forwarded(away: Away) -> Message:
    """A record of a foreign partition, for its own, with the place where it was first."""
    record = away.incoming.record
    headers = [*record.headers, (ORIGIN, f"{record.partition}:{record.offset}".encode())]
    return Message(record.topic, record.key, record.value, headers, away.partition)
