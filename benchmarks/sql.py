"""What analysts wait for, and what it costs the store that they do not wait longer: `python -m benchmarks.sql [rows]`.

How far all features of a model are apart is asked for pairs of windows of whole hours, at random, of a log of ten days.
The cost of what views keep is the CPU time of the engine for the same blocks with it and without, in turn; both include
the merges that follow.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil
import pyarrow as pa

from benchmarks import stand
from driftline.stack.parts import CLICKHOUSE
from driftline.stack.stack import Stack
from driftline_schemas.clickhouse import connect, insert_arrow, migrate
from driftline_schemas.settings import ClickHouseAddress

ROWS = 10_000_000
HOURS = 240
BEGIN_SECONDS = 1_790_000_000 // 3600 * 3600
FILL_ROWS = 250_000
QUERIES = 100
FEATURES = 12
BLOCK_ROWS = 50_000  # as the worker's
BLOCKS = 8
TURNS = 5

EVENTS = """
SELECT fromUnixTimestamp64Milli({begin:Int64} + intDiv(number * {span:Int64}, {rows:Int64}), 'UTC') AS timestamp,
       fromUnixTimestamp64Milli({begin:Int64}, 'UTC') AS logged_at, 'fraud' AS model, '1' AS version,
       leftPad(hex(number), 11, '0') AS event_id, 'yes' AS prediction, nan AS prediction_value,
       0.5 AS score, number AS offset,
       CAST((['amount', 'age', 'balance', 'days', 'hour', 'limit', 'ratio', 'returning', 'score', 'visits'],
             [randLogNormal(3., 1., 1), round(randNormal(45., 12., 2)), randNormal(0., 1000., 3),
              randExponential(.02, 4), toFloat64(rand(5) % 24), randNormal(300., 3., 6), randUniform(0., 1., 7),
              toFloat64(rand(8) % 2), randNormal(-2., 1., 9), randPoisson(4., 10)]),
            'Map(LowCardinality(String), Float64)') AS features,
       CAST((['country', 'shop'], [toString(rand(11) % 30), toString(rand(12) % 5000)]),
            'Map(LowCardinality(String), String)') AS categories
FROM numbers({first:UInt64}, {count:UInt64})
"""
OUTCOMES = """
SELECT 'fraud' AS model, '1' AS version, leftPad(hex(number), 11, '0') AS event_id, '' AS source, 'yes' AS label,
       'yes' AS prediction, nan AS label_value, nan AS prediction_value, randUniform(0., 1.) AS score,
       fromUnixTimestamp64Milli({begin:Int64} + intDiv(number * {span:Int64}, {rows:Int64}), 'UTC') AS predicted_at,
       predicted_at + 3600 AS timestamp, fromUnixTimestamp64Milli({begin:Int64}, 'UTC') AS logged_at,
       CAST(map('country', toString(rand(11) % 30)), 'Map(LowCardinality(String), String)') AS segment,
       toUInt8(1) AS joined, toFloat64(rand(3) % 10 = 0) AS error, number AS offset, number AS position
FROM numbers({first:UInt64}, {count:UInt64})
"""
COLUMNS = (
    "timestamp, logged_at, model, version, event_id, prediction, prediction_value, score, offset, features, categories"
)
DRIFT = """
SELECT feature, psi
FROM feature_drift(model = 'fraud', reference_from = {reference_from:DateTime},
                   reference_until = {reference_until:DateTime}, from = {from:DateTime}, until = {until:DateTime})
"""


def place(first: int, count: int, rows: int) -> dict[str, int]:
    """The parameters of EVENTS: some of the log's rows."""
    return {"begin": BEGIN_SECONDS * 1000, "span": HOURS * 3_600_000, "first": first, "count": count, "rows": rows}


def fill(address: ClickHouseAddress, rows: int) -> None:
    """Store a log of ten days."""
    with closing(connect(address)) as client:
        for first in range(0, rows, FILL_ROWS):
            part = place(first, min(FILL_ROWS, rows - first), rows)
            client.command(f"INSERT INTO prediction_log ({COLUMNS}) {EVENTS}", part)


def drift_ms(address: ClickHouseAddress, chance: random.Random) -> Iterator[float]:
    """How long each comparison of two random windows took."""

    with closing(connect(address)) as client:
        for _ in range(QUERIES):
            reference = sorted(chance.sample(range(HOURS + 1), 2))
            window = sorted(chance.sample(range(HOURS + 1), 2))
            names = ("reference_from", "reference_until", "from", "until")
            hours = dict(zip(names, reference + window, strict=True))
            began = time.perf_counter()
            found = client.query(DRIFT, {name: BEGIN_SECONDS + hour * 3600 for name, hour in hours.items()})
            yield (time.perf_counter() - began) * 1e3
            assert len(found.result_rows) == FEATURES


@dataclass(frozen=True)
class Kept:
    """What views keep of the rows of a table.

    Attributes:
        what: In words.
        table: Where the rows are stored.
        rows: The query that makes them.
        feeds: The views.
    """

    what: str
    table: str
    rows: str
    feeds: tuple[str, ...]


KEPT = (
    Kept(
        "predictions with 10 numbers and 2 texts, the profile of features",
        "prediction_log",
        EVENTS,
        ("feature_profile_numbers_feed", "feature_profile_categories_feed"),
    ),
    Kept(
        "predictions, the profile of traffic and the served versions",
        "prediction_log",
        EVENTS,
        ("traffic_profile_feed",),
    ),
    Kept("outcomes, the index of labels by the hour", "outcome_log", OUTCOMES, ("label_index_feed",)),
)


def block_cpu_ms(
    server: ClickHouseAddress, blocks: list[pa.Table], engine: psutil.Process, table: str, left_out: Sequence[str]
) -> float:
    """CPU time of the engine for a block, without some views."""
    with stand.database(server) as address, closing(connect(address)) as client:
        for feed in left_out:
            client.command(f"DROP TABLE {feed}")
        before = cpu_seconds(engine)
        for number, block in enumerate(blocks):
            insert_arrow(client, table, block, str(number))
        stand.wait_for_merges(client)
        return (cpu_seconds(engine) - before) / len(blocks) * 1e3


def cpu_seconds(process: psutil.Process) -> float:
    """Used so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def cost(server: ClickHouseAddress, engine: psutil.Process) -> None:
    """Print what views add to a block, each turn by itself."""
    places = [place(n * BLOCK_ROWS, BLOCK_ROWS, ROWS) for n in range(BLOCKS)]
    for kept in KEPT:
        with closing(connect(server)) as client:
            blocks = [client.query_arrow(kept.rows, part) for part in places]
        for _ in range(TURNS):
            without, with_it = (
                block_cpu_ms(server, blocks, engine, kept.table, left_out) for left_out in (kept.feeds, ())
            )
            print(
                f"block of {BLOCK_ROWS:,} {kept.what}: {without:.0f} ms of CPU without, {with_it:.0f} with it, "
                f"{with_it / without:.2f} times",
                flush=True,
            )


def main() -> None:
    """Print both figures."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), parts=[CLICKHOUSE])
        stack.up()
        try:
            address = ClickHouseAddress.parse(stack.environment()["DRIFTLINE_CLICKHOUSE"])
            pids = [part.pid for part in stack.status().parts if part.pid]
            migrate(address)
            engine = psutil.Process(pids[0])
            cost(address, engine)
            fill(address, rows)
            with closing(connect(address)) as client:
                stand.wait_for_merges(client)
            list(drift_ms(address, random.Random(0)))  # warms up
            before = cpu_seconds(engine)
            times = sorted(drift_ms(address, random.Random(1)))
            cpu_ms = (cpu_seconds(engine) - before) / len(times) * 1e3
            p50, p95 = statistics.median(times), times[len(times) * 95 // 100]
            told = f"{p50:.0f} ms (p50), {p95:.0f} (p95), {times[0]:.0f} at least; {cpu_ms:.0f} ms of CPU each"
            print(f"{rows:,} predictions: all features of two random windows compared in {told}")
        finally:
            stack.down()


if __name__ == "__main__":
    main()
