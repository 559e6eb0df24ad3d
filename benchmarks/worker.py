"""What the worker's own steps cost per event, without broker and store: decode, join, detect, rows.

Half of the events are predictions with ten features, half are their outcomes. Beside it, in the same run, the cost of
parsing the same bytes and doing nothing with them.
"""

import asyncio
import json
import random
import time
from typing import Any

import orjson
from aiokafka.structs import ConsumerRecord

from driftline_schemas.topics import Topics
from driftline_stream_processors.block import BlockLimits
from driftline_stream_processors.partition import PartitionPipeline
from driftline_stream_processors.state import PartitionState

EVENTS = 20_000
CHUNK = 2_000
LIMITS = BlockLimits(1_000_000, 1 << 40)


class Nowhere:
    """Takes what the pipeline sends and knows no stored prediction."""

    async def send(self, _message: object) -> None:
        return None

    async def look_up(self, *_: object) -> dict[Any, Any]:
        return {}


def records() -> list[ConsumerRecord[Any, Any]]:
    chance = random.Random(1)
    made = []
    for offset in range(EVENTS):
        number, is_outcome = divmod(offset, 2)
        document: dict[str, Any] = {"event_id": f"e{number}", "model": "m", "timestamp_ms": 1_763_870_000_000 + number}
        if is_outcome:
            document["label"] = chance.choice(["yes", "no"])
        else:
            document["features"] = {f"f{n}": chance.gauss(0, 1) for n in range(10)}
            document["prediction"] = "yes"
        value = json.dumps(document).encode()
        headers = (("type", b"outcome" if is_outcome else b"prediction"),)
        made.append(ConsumerRecord("driftline.events", 0, offset, 1, 1, b"m", value, None, 1, len(value), headers))
    return made


async def process(log: list[ConsumerRecord[Any, Any]]) -> None:
    nowhere: Any = Nowhere()
    topics = Topics(partitions=1)
    pipeline = PartitionPipeline(0, PartitionState(0, LIMITS), LIMITS, topics, nowhere, nowhere)
    for start in range(0, len(log), CHUNK):
        await pipeline.process(log[start : start + CHUNK])


def main() -> None:
    log = records()
    started = time.process_time()
    for record in log:
        orjson.loads(record.value)
    parsed = (time.process_time() - started) / EVENTS * 1e6
    started = time.process_time()
    asyncio.run(process(log))
    processed = (time.process_time() - started) / EVENTS * 1e6
    print(f"parse only {parsed:.2f} µs/event; all steps {processed:.1f} µs/event; ratio {processed / parsed:.1f}")


if __name__ == "__main__":
    main()
