"""Small pieces to test the worker's steps with: records, columns, a store and a log that hold nothing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from aiokafka.structs import ConsumerRecord

from driftline_schemas.topics import Topics
from driftline_stream_processors.columns import Outcomes, Places, Predictions, Served
from driftline_stream_processors.kafka.outbox import Message
from driftline_stream_processors.memory.limits import BlockLimits
from driftline_stream_processors.memory.served import ServedTable
from driftline_stream_processors.memory.state import PartitionState
from driftline_stream_processors.partition import PartitionPipeline
from driftline_stream_processors.steps.join import EventKey
from driftline_stream_processors.storage.block import Block

LIMITS = BlockLimits(1000, 1 << 20)
TOPICS = Topics(prefix="test.", partitions=1)


def record(
    offset: int = 0, value: bytes | None = b"{}", timestamp: int = 1_000, **headers: bytes | None
) -> ConsumerRecord[Any, Any]:
    """A record; underscores in the names of headers are dashes."""
    pairs = tuple((name.replace("_", "-"), text) for name, text in headers.items())
    return ConsumerRecord(TOPICS.events.name, 0, offset, timestamp, 1, None, value, None, 0, len(value or b""), pairs)


def event(offset: int, record_type: str, **document: Any) -> ConsumerRecord[Any, Any]:
    """A record of one type with this JSON."""
    return record(offset, json.dumps(document).encode(), type=record_type.encode())


def places(*offsets: int) -> Places:
    """Rows of single events."""
    return Places(
        0, np.array(offsets, np.int64), np.zeros(len(offsets), np.int64), np.full(len(offsets), 1_000, np.int64)
    )


def predictions(rows: Sequence[tuple[int, str]], prediction: str = "ok", value: float = np.nan) -> Predictions:
    """Predictions of model m: (offset, event id)."""
    count = len(rows)
    nothing = np.full(count, np.nan)
    return Predictions(
        model="m",
        version="1",
        places=places(*(offset for offset, _ in rows)),
        event_id=[event_id for _, event_id in rows],
        timestamp_ms=np.arange(count, dtype=np.int64),
        numbers={},
        present={},
        texts={},
        prediction=[prediction] * count,
        prediction_value=np.full(count, value),
        score=nothing,
        segment={},
        subject_id=[""] * count,
        latency_ms=nothing,
        traceparent=[""] * count,
    )


def outcomes(rows: Sequence[tuple[int, str, str]], label: str | None = "ok", value: float = np.nan) -> Outcomes:
    """Outcomes of model m: (offset, event id, source)."""
    return Outcomes(
        model="m",
        places=places(*(offset for offset, _, _ in rows)),
        event_id=[event_id for _, event_id, _ in rows],
        label=[label] * len(rows),
        label_value=np.full(len(rows), value),
        timestamp_ms=np.array([offset for offset, _, _ in rows], np.int64),
        source=[source for _, _, source in rows],
    )


async def nothing_stored(_keys: Sequence[EventKey]) -> tuple[dict[EventKey, int], Served]:
    """The answer of a store that holds nothing."""
    return {}, ServedTable(0).served()


@dataclass
class Empty:
    """A store without rows, and a log whose end the test sets, which keeps what is sent to it."""

    end: int | None = 0
    now: float = 100.0
    sent: list[Message] = field(default_factory=list)
    stored: list[Block] = field(default_factory=list)

    async def look_up(self, keys: Sequence[EventKey], _partition: int, _before: int) -> tuple[Any, Served]:
        return await nothing_stored(keys)

    async def insert(self, block: Block) -> None:
        self.stored.append(block)

    async def save(self, *_: Any) -> None:
        return None

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    async def drain(self) -> None:
        return None

    def highwater(self, _tp: Any) -> int | None:
        return self.end


def pipeline(around: Empty, limits: BlockLimits = LIMITS, topics: Topics = TOPICS) -> PartitionPipeline:
    """The pipeline of partition 0, at its beginning."""
    stub: Any = around
    return PartitionPipeline(0, PartitionState.begin(0, limits), limits, 0, topics, stub, stub, lambda _: None)
