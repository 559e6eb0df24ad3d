"""What each page's data costs at the API, with 10,000,000 predictions of 500 models.

`python -m benchmarks.pages [rows [folder]]`; a folder keeps the tables for another time. A page's data are all the
requests that the page sends when it is opened, at once, over HTTP; models are drawn by chance. Beside the time stands
the CPU time of the engine and of this process for one page, which other work on the machine changes less.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import product
from pathlib import Path

import httpx
import psutil
import uvicorn

from benchmarks.page_tables import HEAVY, MODELS, fill
from benchmarks.stand import wait_for_merges
from driftline.stack.health import http_answers, wait_until
from driftline.stack.parts import CLICKHOUSE, INFRASTRUCTURE
from driftline.stack.ports import draw_port
from driftline.stack.stack import Stack
from driftline.topics import create_topics
from driftline_dashboard.application import create
from driftline_dashboard.store import FRESH_SECONDS
from driftline_schemas.clickhouse import connect, migrate
from driftline_schemas.settings import Settings

ROWS = 10_000_000
TURNS = 40
GOAL_MS = 150.0

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
    "system": ("health",),
}
WINDOWS_ASKED = ("24h", "7d", "all")


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
    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        for page, paths in PAGES.items():
            for models, window in product((MODELS, HEAVY), WINDOWS_ASKED) if page == "model" else ((MODELS, ""),):
                took, before = [], _cpu_seconds(engine)
                for _ in range(TURNS):
                    names = {"model": f"model-{chance.randrange(models):03d}", "window": window}
                    took.append(await _opened(client, [path.format(**names) for path in paths]))
                cpu_ms = 1000 * (_cpu_seconds(engine) - before) / TURNS
                of = f"{window}, one of {models} models" if window else ""
                p95 = statistics.quantiles(took, n=20)[-1]
                print(
                    f"{page:10} {of:23} median {statistics.median(took):6.0f} ms   p95 {p95:6.0f} ms "
                    f"(goal {GOAL_MS:.0f})   CPU {cpu_ms:5.0f} ms"
                )


async def _opened(client: httpx.AsyncClient, paths: Sequence[str]) -> float:
    """How many milliseconds a page waits until it has everything."""
    await asyncio.sleep(FRESH_SECONDS)  # no answer is one that is known already
    start = time.perf_counter()
    answers = await asyncio.gather(*map(client.get, paths))
    took_ms = 1000 * (time.perf_counter() - start)
    assert all(answer.is_success for answer in answers), [answer.text for answer in answers]
    return took_ms


def _cpu_seconds(engine: psutil.Process) -> float:
    times = engine.cpu_times()
    return float(times.user + times.system) + time.process_time()


def main(rows: int, folder: Path) -> None:
    """Fill what is not filled, and measure."""
    stack = Stack(folder, parts=INFRASTRUCTURE)
    stack.up()
    try:
        settings = Settings.from_environment(stack.environment())
        create_topics(settings.kafka, settings.topics)
        migrate(settings.clickhouse)
        with closing(connect(settings.clickhouse)) as client:
            if not client.query("SELECT count() FROM window_log").result_rows[0][0]:
                fill(client, rows)
            wait_for_merges(client)
        [engine] = (part.pid for part in stack.status().parts if part.name == CLICKHOUSE)
        with served(settings) as url:
            asyncio.run(measure(url, psutil.Process(engine)))
    finally:
        stack.down()


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    if len(sys.argv) > 2:
        main(wanted, Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(wanted, Path(temporary))
