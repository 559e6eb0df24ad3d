"""What a snapshot of many models costs, and how long it takes to go on from it: `snapshot.py [models] [features]`.

One partition has all the models; each has seen enough events that its detectors' windows are full.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np

from driftline.stack.parts import CLICKHOUSE
from driftline.stack.stack import Stack
from driftline_detectors import PredictionColumns
from driftline_schemas.clickhouse import migrate
from driftline_schemas.settings import ClickHouseAddress, Settings
from driftline_stream_processors.memory.limits import BlockLimits
from driftline_stream_processors.memory.state import PartitionState
from driftline_stream_processors.storage import snapshot
from driftline_stream_processors.storage.formats import migrated
from driftline_stream_processors.storage.store import Store

EVENTS = 20_000
LIMITS = BlockLimits(10_000, 1 << 24)


def grown(models: int, features: int) -> PartitionState:
    """The state of a partition with so many models; a hundred of them are grown, the others are copies."""
    chance = np.random.default_rng(1)
    state = PartitionState.begin(0, LIMITS)
    position = np.arange(EVENTS)
    numbers = np.ones(EVENTS)
    for model in range(min(models, 100)):
        monitor = state.monitors.open(f"model {model}", "1")
        assert monitor is not None
        columns = {f"feature {n}": chance.normal(size=EVENTS) for n in range(features)}
        monitor.observe_predictions(PredictionColumns(position, position, columns, numbers, numbers))
    document = state.snapshot()
    known = document["monitors"]["models"]
    document["monitors"]["models"] = [[f"model {n}", known[n % len(known)][1]] for n in range(models)]
    return PartitionState.restore(document, 0)


def seconds(work: Callable[[], object]) -> float:
    """CPU time of one call."""
    began = time.process_time()
    work()
    return time.process_time() - began


async def through_the_store(address: ClickHouseAddress, state: PartitionState) -> tuple[float, float]:
    """Wall time to store the state, and to go on from it."""
    with closing(Store(address, "bench", "events", "")) as store:
        began = time.perf_counter()
        await store.save(0, 1, state.snapshot())
        saved = time.perf_counter()
        loaded = await store.load(0)
        assert loaded is not None
        PartitionState.restore(migrated(loaded), 0)
        await store.recent(0, 0, 1)
        return saved - began, time.perf_counter() - saved


def main() -> None:
    """Print the figures."""
    models, features = (int(text) for text in (sys.argv[1:] or ["1000", "20"]))
    state = grown(models, features)
    document = state.snapshot()
    blob = snapshot.encode(document)
    print(
        f"{models} models x {features} features: {len(blob) / models / 1e3:.1f} kB per model, {len(blob) / 1e6:.1f} MB"
    )
    print(f"take     {seconds(state.snapshot):6.2f} s CPU")
    print(f"encode   {seconds(lambda: snapshot.encode(document)):6.2f} s CPU")
    print(f"decode   {seconds(lambda: snapshot.decode(blob)):6.2f} s CPU")
    print(f"restore  {seconds(lambda: PartitionState.restore(document, 0)):6.2f} s CPU")
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), parts=[CLICKHOUSE])
        stack.up()
        try:
            address = Settings.from_environment(stack.environment()).clickhouse
            migrate(address)
            saved, recovered = asyncio.run(through_the_store(address, state))
        finally:
            stack.down()
    print(f"take, encode, store {saved:6.2f} s wall: at 5 % of the time one every {saved / 0.05:.0f} s")
    print(f"load, decode, restore {recovered:6.2f} s wall")


if __name__ == "__main__":
    main()
