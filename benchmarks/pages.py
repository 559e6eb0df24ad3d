"""What each page's data costs at the API, with 10,000,000 predictions of 500 models.

`python -m benchmarks.pages [rows [folder]]`; a folder keeps the tables for another time. Half of all predictions are of
ten models. ClickHouse fills its tables itself. A page's data are all the requests that the page sends when it is
opened, at once, over HTTP; models are drawn by chance. Beside the time stands the CPU time of the engine and of this
process for one page, which other work on the machine changes less.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import uvicorn
from clickhouse_connect.driver.client import Client

from driftline.stack.health import http_answers, wait_until
from driftline.stack.parts import CLICKHOUSE
from driftline.stack.ports import draw_port
from driftline.stack.stack import Stack
from driftline_dashboard.application import create
from driftline_dashboard.store import FRESH_SECONDS
from driftline_schemas.clickhouse import connect, migrate
from driftline_schemas.settings import ClickHouseAddress, Settings

ROWS = 10_000_000
MODELS, HEAVY = 500, 10
INSERT_ROWS = 250_000
TURNS = 60
GOAL_MS = 150.0

PREDICTIONS = """
INSERT INTO prediction_log (timestamp, model, version, event_id, features, segment, prediction, prediction_value, score,
                            latency_ms, partition, offset, row, logged_at)
SELECT fromUnixTimestamp64Milli(toInt64(1763870000000 + number * 250), 'UTC') AS at,
       'model-' || leftPad(toString(if(number % 2 = 0, intHash32(number) % {heavy:UInt32},
                                       intHash32(number) % {models:UInt32})), 3, '0'),
       if(number < {rows:UInt64} / 2, '1', '2'), 'e' || leftPad(toString(number), 9, '0'),
       map('amount', exp(randNormal(2, 0.5) + if(number < 0.9 * {rows:UInt64}, 0, 0.5)), 'age', randNormal(40, 10),
           'f3', randNormal(0, 1), 'f4', randNormal(0, 1), 'f5', randNormal(0, 1), 'f6', randUniform(0, 1)),
       map('country', ['DE', 'FR', 'US', 'AT'][1 + intHash32(number + 1) % 4]),
       if(intHash32(number + 2) % 3 = 0, 'fraud', 'ok'), nan, randUniform(0, 1), randExponential(0.2), 0, number, 0, at
FROM numbers({first:UInt64}, {count:UInt64})
"""
OUTCOMES = """
INSERT INTO outcome_log (model, event_id, source, label, label_value, timestamp, predicted_at, version, prediction,
                         prediction_value, score, segment, joined, error, partition, offset, row, position, logged_at)
SELECT model, event_id, '', if(wrong, if(prediction = 'ok', 'fraud', 'ok'), prediction), nan, timestamp + 3600,
       timestamp, version, prediction, nan, score, segment, 1, intHash32(offset + 7) % 10 < 2 AS wrong,
       0, offset, 0, offset, timestamp + 3600
FROM prediction_log WHERE offset >= {first:UInt64} AND offset < {first:UInt64} + {count:UInt64}
"""
WINDOWS = """
INSERT INTO window_log (window_start, window_end, model, version, segment, feature, metric, value, count, window,
                        partition, offset, logged_at)
SELECT begins, ends, model, version, '', figure.1, figure.2, figure.3, 500, number, 0, last, ends
FROM
(
    SELECT model, version, intDiv(n, 500) AS number, min(timestamp) AS begins, max(timestamp) AS ends,
           max(offset) AS last, ['count', 'nulls', 'mean', 'std', 'min', 'max'] AS metrics,
           arrayFlatten(arrayMap(feature -> arrayMap(metric -> (feature, metric, rand() % 100 / 10.), metrics),
                                 ['amount', 'age', 'f3', 'f4', 'f5', 'f6'])) AS of_features,
           arrayConcat(of_features, [('', 'count', 500.), ('', 'latency_mean', avg(latency_ms)),
                                     ('', 'accuracy', 0.75 + rand() % 100 / 1000)]) AS figures
    FROM
    (
        SELECT model, version, timestamp, offset, latency_ms,
               row_number() OVER (PARTITION BY model, version ORDER BY timestamp) AS n
        FROM prediction_log WHERE model = {model:String}
    )
    GROUP BY model, version, number
)
ARRAY JOIN figures AS figure
"""
BLOCK = """
INSERT INTO block_log (partition, first_offset, last_offset, records, predictions, outcomes, last_logged_at)
SELECT 0, {first:UInt64}, {first:UInt64} + {count:UInt64} - 1, {count:UInt64}, {count:UInt64}, 0, now64(3)
"""
PAGES: Mapping[str, Sequence[str]] = {
    "overview": ("models?limit=50", "incidents?state=open&limit=5"),
    "model": (
        "models/{model}?from={window}",
        "models/{model}/features?from={window}",
        "models/{model}/segments?from={window}",
        "incidents?model={model}&limit=20",
        "retrains?model={model}&limit=20",
    ),
    "incidents": ("incidents",),
    "retrains": ("retrains", "versions?limit=50"),
    "ledger": ("ledger", "dead-letters"),
}
WINDOWS_ASKED = ("24h", "7d", "all")


def fill(client: Client, rows: int) -> None:
    """Store predictions, outcomes, ended windows and blocks."""
    for first in range(0, rows, INSERT_ROWS):
        place = {
            "first": first,
            "count": min(INSERT_ROWS, rows - first),
            "rows": rows,
            "heavy": HEAVY,
            "models": MODELS,
        }
        client.command(PREDICTIONS, place)
        client.command(OUTCOMES, place)
        client.command(BLOCK, place)
    for number in range(MODELS):
        client.command(WINDOWS, {"model": f"model-{number:03d}"})


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """The API on a thread; its address."""
    port = draw_port()
    server = uvicorn.Server(uvicorn.Config(create(settings), port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert wait_until(lambda: http_answers(f"http://127.0.0.1:{port}/healthz"), 60)
        yield f"http://127.0.0.1:{port}/api/v1/"
    finally:
        server.should_exit = True
        thread.join()


async def measure(address: str, engine: psutil.Process) -> None:
    """Open each page `TURNS` times and print what that cost."""
    chance = random.Random(1)
    drawn: dict[str, Callable[[], str]] = {
        "all models alike": lambda: f"model-{chance.randrange(MODELS):03d}",
        "the heaviest": lambda: f"model-{chance.randrange(HEAVY):03d}",
    }
    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        for page, paths in PAGES.items():
            for of, draw in drawn.items() if page == "model" else list(drawn.items())[:1]:
                took, before = [], _cpu_seconds(engine)
                for turn in range(TURNS):
                    names = {"model": draw(), "window": WINDOWS_ASKED[turn % len(WINDOWS_ASKED)]}
                    await asyncio.sleep(FRESH_SECONDS)  # no answer is one that is known already
                    start = time.perf_counter()
                    answers = await asyncio.gather(*(client.get(path.format(**names)) for path in paths))
                    took.append(1000 * (time.perf_counter() - start))
                    assert all(answer.is_success for answer in answers), [answer.text for answer in answers]
                cpu_ms = 1000 * (_cpu_seconds(engine) - before) / TURNS
                p95 = statistics.quantiles(took, n=20)[-1]
                print(
                    f"{page:10} {of:17} median {statistics.median(took):6.0f} ms   p95 {p95:6.0f} ms "
                    f"(goal {GOAL_MS:.0f})   CPU {cpu_ms:5.0f} ms"
                )


def _cpu_seconds(engine: psutil.Process) -> float:
    times = engine.cpu_times()
    return float(times.user + times.system) + time.process_time()


def main(rows: int, folder: Path) -> None:
    """Fill what is not filled, and measure."""
    stack = Stack(folder, parts=[CLICKHOUSE])
    stack.up()
    try:
        address = ClickHouseAddress.parse(stack.environment()["DRIFTLINE_CLICKHOUSE"])
        migrate(address)
        with closing(connect(address)) as client:
            if not client.query("SELECT count() FROM window_log").result_rows[0][0]:
                fill(client, rows)
        [part] = stack.status().parts
        with served(replace(Settings.from_environment({}), clickhouse=address)) as url:
            asyncio.run(measure(url, psutil.Process(part.pid)))
    finally:
        stack.down()


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    if len(sys.argv) > 2:
        main(wanted, Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(wanted, Path(temporary))
