"""What each page's data costs at the API, with 10,000,000 predictions of 500 models.

`python -m benchmarks.pages [rows [folder]]`; a folder keeps the tables for another time. A page's data are all the
requests that the page sends when it is opened, at once, over HTTP, to a dashboard in a process of its own; models are
drawn by chance. Beside the time stands the CPU time of the engine and of the dashboard for one page, which other work
on the machine changes less.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from itertools import product
from pathlib import Path

import aiohttp
import psutil

from benchmarks.page_tables import HEAVY, MODELS, fill
from benchmarks.stand import wait_for_merges
from driftline.stack.parts import CLICKHOUSE, DASHBOARD, INFRASTRUCTURE
from driftline.stack.stack import Stack
from driftline_dashboard.store import FRESH_SECONDS
from driftline_schemas.clickhouse import connect
from driftline_schemas.settings import Settings

ROWS = 10_000_000
TURNS = 60
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


async def measure(address: str, engine: psutil.Process, dashboard: psutil.Process) -> None:
    """Open each page `TURNS` times and print what that cost."""
    chance = random.Random(1)
    async with aiohttp.ClientSession(f"{address}/api/v1/", timeout=aiohttp.ClientTimeout(60)) as client:
        for page, paths in PAGES.items():
            for models, window in product((MODELS, HEAVY), WINDOWS_ASKED) if page == "model" else ((MODELS, ""),):
                took, before = [], (_cpu_ms(engine), _cpu_ms(dashboard))
                for _ in range(TURNS):
                    names = {"model": f"model-{chance.randrange(models):03d}", "window": window}
                    took.append(await _opened(client, [path.format(**names) for path in paths]))
                cpu_ms = [(_cpu_ms(p) - b) / TURNS for p, b in zip((engine, dashboard), before, strict=True)]
                of = f"{window}, one of {models} models" if window else ""
                p95 = statistics.quantiles(took, n=20)[-1]
                print(
                    f"{page:10} {of:23} median {statistics.median(took):6.0f} ms   p95 {p95:6.0f} ms "
                    f"(goal {GOAL_MS:.0f})   CPU {cpu_ms[0]:4.0f} + {cpu_ms[1]:3.0f} ms",
                    flush=True,
                )


async def _opened(client: aiohttp.ClientSession, paths: Sequence[str]) -> float:
    """How many milliseconds a page waits until it has everything."""
    await asyncio.sleep(FRESH_SECONDS)  # no answer is one that is known already
    start = time.perf_counter()
    await asyncio.gather(*(_answer(client, path) for path in paths))
    return 1000 * (time.perf_counter() - start)


async def _answer(client: aiohttp.ClientSession, path: str) -> bytes:
    async with client.get(path, raise_for_status=True) as answer:
        return await answer.read()


def _cpu_ms(process: psutil.Process) -> float:
    times = process.cpu_times()
    return 1000 * (times.user + times.system)


def main(rows: int, folder: Path) -> None:
    """Fill what is not filled, and measure."""
    stack = Stack(folder, parts=[*INFRASTRUCTURE, DASHBOARD])
    stack.up()
    try:
        settings = Settings.from_environment(stack.environment())
        with closing(connect(settings.clickhouse)) as client:
            if not client.query("SELECT count() FROM window_log").result_rows[0][0]:
                fill(client, rows)
            wait_for_merges(client)
        parts = {part.name: part for part in stack.status().parts}
        engine, dashboard = (psutil.Process(parts[name].pid) for name in (CLICKHOUSE, DASHBOARD))
        asyncio.run(measure(str(parts[DASHBOARD].address), engine, dashboard))
    finally:
        stack.down()


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    if len(sys.argv) > 2:
        main(wanted, Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(wanted, Path(temporary))
