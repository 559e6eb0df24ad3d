"""What it costs to look up 10,000 predictions by their ids, as the stored predictions grow: `look_up.py [rows]`.

Ids that sort by time, as the emitter makes them, stand together in the index; random ids lie all over it. Both are
asked for as outcomes ask: ids of neighbouring predictions, from a random place, of several models.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from driftline.stack.parts import CLICKHOUSE
from driftline.stack.stack import Stack
from driftline_schemas.clickhouse import connect, migrate
from driftline_schemas.settings import ClickHouseAddress
from driftline_stream_processors.steps.join import EventKey
from driftline_stream_processors.storage.store import Store

ROWS = 2_000_000
IDS = 10_000
MODELS = 4
TURNS = 5
INSERT_ROWS = 250_000

IDS_BY_KIND = {
    "time-ordered": "leftPad(lower(hex({number})), 11, '0') || '-f00d-' || toString({number})",
    "random": "lower(hex(sipHash128({number})))",
}
FILL = """
INSERT INTO prediction_index
       (model, event_id, version, timestamp, prediction, prediction_value, score, partition, offset)
SELECT {{kind:String}} || toString(number % {models}), {event_id}, '1',
       fromUnixTimestamp64Milli(1790000000000 + toInt64(number)), 'yes', nan, 0.5, 0, number
FROM numbers({{first:UInt64}}, {{rows:UInt64}})
"""


def fill(address: ClickHouseAddress, first: int, end: int) -> None:
    """Store predictions, as many inserts as a worker would make parts."""
    with closing(connect(address)) as client:
        for kind, expression in IDS_BY_KIND.items():
            statement = FILL.format(models=MODELS, event_id=expression.format(number="number"))
            for start in range(first, end, INSERT_ROWS):
                rows = min(INSERT_ROWS, end - start)
                client.command(statement, {"kind": f"{kind} ", "first": start, "rows": rows})


def keys(address: ClickHouseAddress, kind: str, stored: int, chance: random.Random) -> list[EventKey]:
    """Ids of neighbouring predictions."""
    first = chance.randrange(stored - IDS)
    expression = IDS_BY_KIND[kind].format(number="number")
    statement = f"SELECT number % {MODELS}, {expression} FROM numbers({first}, {IDS})"
    with closing(connect(address)) as client:
        return sorted((f"{kind} {model}", event_id) for model, event_id in client.query(statement).result_rows)


async def microseconds_per_id(store: Store, asked: Sequence[Sequence[EventKey]], stored: int) -> list[float]:
    """Wall time of each look-up; the first one warms up and does not count."""
    times = []
    for batch in asked:
        began = time.perf_counter()
        found, _ = await store.look_up(batch, 0, stored)
        times.append((time.perf_counter() - began) / len(batch) * 1e6)
        assert len(found) == len(batch)
    return times[1:]


def main() -> None:
    """Print one line per size and kind of ids."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), parts=[CLICKHOUSE])
        stack.up()
        try:
            address = ClickHouseAddress.parse(stack.environment()["DRIFTLINE_CLICKHOUSE"])
            migrate(address)
            stored = 0
            for size in (rows // 10, rows // 2, rows):
                fill(address, stored, size)
                stored = size
                for kind in IDS_BY_KIND:
                    with closing(Store(address, "benchmark", "events", "")) as store:
                        asked = [keys(address, kind, stored, chance) for _ in range(TURNS + 1)]
                        times = asyncio.run(microseconds_per_id(store, asked, stored))
                    spread = f"{min(times):.1f} to {max(times):.1f}"
                    print(f"{stored:>11,} stored, {kind:12} ids: {statistics.median(times):6.1f} µs per id ({spread})")
        finally:
            stack.down()


if __name__ == "__main__":
    main()
