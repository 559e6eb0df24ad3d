"""What the worker's own steps cost per event, without broker and store: decode, deduplicate, join, detect, rows.

Columnar batches and single events, ten features each; half of the events are outcomes, or none. Beside each, in the
same run, the cost of parsing the same bytes and doing nothing with them. Run `python benchmarks/worker.py`.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any

import orjson
from aiokafka.structs import ConsumerRecord

from driftline_schemas.topics import Topics
from driftline_stream_processors.memory.limits import BlockLimits
from driftline_stream_processors.memory.served import ServedTable
from driftline_stream_processors.memory.state import PartitionState
from driftline_stream_processors.partition import PartitionPipeline

EVENTS = 50_000
BATCH = 256
FEATURES = 10
FETCHED_BYTES = 1 << 20
LIMITS = BlockLimits(1_000_000, 1 << 40)
START_MS = 1_763_870_000_000

Log = list[ConsumerRecord[Any, Any]]


class Nowhere:
    """Takes what the pipeline sends and knows no stored prediction."""

    async def send(self, _message: object) -> None:
        return None

    async def look_up(self, *_: object) -> tuple[dict[Any, int], Any]:
        return {}, ServedTable(0).served()


def batches(events: int, outcomes: bool) -> Log:
    """Batches of predictions, each followed by the batch of their outcomes if there are any."""
    chance = random.Random(1)
    log: Log = []
    for start in range(0, events // 2 if outcomes else events, BATCH):
        ids = [f"{start + n:015x}-0123456789ab" for n in range(BATCH)]
        features = {f"f{k}": [chance.gauss(0, 1) for _ in ids] for k in range(FEATURES)}
        common = {"model": "m", "event_id": ids, "timestamp_ms": [START_MS + start + n for n in range(BATCH)]}
        predictions = {"version": "1", "features": features, "prediction": [chance.choice(["yes", "no"]) for _ in ids]}
        _append(log, "prediction-batch", common | predictions)
        if outcomes:
            _append(log, "outcome-batch", common | {"label": ["yes"] * BATCH})
    return log


def singles(events: int, outcomes: bool) -> Log:
    """Single events, each prediction followed by its outcome if there are any."""
    chance = random.Random(1)
    log: Log = []
    for number in range(events // 2 if outcomes else events):
        common = {"model": "m", "event_id": f"{number:015x}-0123456789ab", "timestamp_ms": START_MS + number}
        features = {f"f{k}": chance.gauss(0, 1) for k in range(FEATURES)}
        _append(log, "prediction", common | {"features": features, "prediction": chance.choice(["yes", "no"])})
        if outcomes:
            _append(log, "outcome", common | {"label": "yes"})
    return log


def _append(log: Log, record_type: str, document: dict[str, Any]) -> None:
    value = orjson.dumps(document)
    headers = (("type", record_type.encode()),)
    log.append(ConsumerRecord("driftline.events", 0, len(log), 1, 1, b"m", value, None, 1, len(value), headers))


async def process(log: Log) -> None:
    """Give the log to a pipeline as a fetch would."""
    nowhere: Any = Nowhere()
    state = PartitionState.begin(0, LIMITS)
    pipeline = PartitionPipeline(0, state, LIMITS, 0, Topics(partitions=1), nowhere, nowhere, lambda _: None)
    for chunk in chunks(log):
        await pipeline.process(chunk)


def chunks(log: Log) -> Sequence[Log]:
    """The log as one fetch after the other would return it."""
    found: list[Log] = [[]]
    size = 0
    for record in log:
        if size > FETCHED_BYTES:
            found.append([])
            size = 0
        found[-1].append(record)
        size += len(record.value or b"")
    return found


def cpu_us(work: Any, log: Log) -> float:
    """CPU microseconds per event, the best of three."""
    return min(_once(work, log) for _ in range(3)) / EVENTS * 1e6


def _once(work: Any, log: Log) -> float:
    started = time.process_time()
    work(log)
    return time.process_time() - started


def main() -> None:
    """Measure."""
    for name, make in (("batches", batches), ("single events", singles)):
        for outcomes in (False, True):
            log = make(EVENTS, outcomes)
            parsed = cpu_us(lambda log: [orjson.loads(record.value) for record in log], log)
            processed = cpu_us(lambda log: asyncio.run(process(log)), log)
            what = f"{name}, {'half' if outcomes else 'no'} outcomes"
            print(
                f"{what:28} parse only {parsed:5.2f}  all steps {processed:5.2f} µs/event  {processed / parsed:5.1f}x"
            )


if __name__ == "__main__":
    main()
