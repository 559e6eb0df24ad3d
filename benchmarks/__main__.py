"""`python -m benchmarks`: measure everything, print the table, and write it down."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks import rows
from benchmarks.comparison import FLOOR, FLOOR_COLUMNAR, PEERS, Sizes
from benchmarks.measured import BenchmarkError
from benchmarks.report import Row, show, write
from benchmarks.stand import servers
from driftline_schemas.settings import ClickHouseAddress

FULL = Sizes(columnar=600_000, single=150_000, slow=50_000, programs=(FLOOR_COLUMNAR, FLOOR, *PEERS))
QUICK = Sizes(columnar=6_000, single=6_000, slow=0, programs=("kafka-python loop",))
LOOK_UP_ROWS = 20_000_000
NOTES = (
    "CPU seconds are of the program's process with all its threads, from its first event to its last row stored; "
    "what broker and engine use is not in them. Wall seconds of the worker end when its last block is stored, which "
    "a tick ends a second after the log's end.",
    "Every program decodes, validates, keeps windows of 500 events, runs ADWIN (delta 0.002) on each of ten features, "
    "and stores predictions and windows in ClickHouse; every one found exactly the drifts of River's public ADWIN, or "
    "this file would not have been written.",
    "The peers share one pydantic model per event, River's public ADWIN, NumPy at the end of a window and inserts of "
    "10,000 rows (`benchmarks/peers/work.py`). The worker stores more: detector readings, nulls, the model's own "
    "windows, a ledger, its snapshot.",
    "`libraries alone` are the worker's libraries in a bare loop (`benchmarks/peers/libraries.py`): fetched by "
    "aiokafka, parsed in C, shown to River's compiled ADWIN, inserted by Arrow; nothing is validated, measured, "
    "deduplicated or kept for a restart. What is built on these libraries costs at least as much.",
    "Columnar batches are this project's own record type: a peer that were given them, and columns to work on, would "
    "gain too. The rows with single events compare like with like.",
    "A cost per value below 0.80 of that with ten features is cheaper, not dearer: more values share what a record and "
    "a batch of 256 rows cost. Of 1,000 features the worker watches 512 by ADWIN and windows; the others it stores.",
    "Figures of one run: other work on the machine moves them by ten per cent and more; ratios move less.",
)


def measure(kafka: str, clickhouse: ClickHouseAddress, peers_python: str) -> Iterator[Row]:
    """Everything, in the order of the table."""
    runs: rows.Runs = {}
    yield from rows.comparison(kafka, clickhouse, FULL, peers_python, runs)
    yield from rows.host(kafka)
    yield from rows.alerts(kafka, clickhouse, runs)
    yield from rows.growth(kafka, clickhouse, runs)
    yield from rows.together(kafka, clickhouse)
    yield from rows.joins(clickhouse, LOOK_UP_ROWS)


def run(found: Iterator[Row], folder: Path) -> None:
    """Print each figure when it is there, then the table; write it into the folder."""
    table = []
    for row in found:
        table.append(row)
        print(f"{row.what}: {row.cells()[1]} {row.unit}", file=sys.stderr, flush=True)
    show(table)
    write(table, folder, NOTES)


def main() -> int:
    """Measure; 1 when a program failed or found other drifts."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the worker and one peer on a few thousand events")
    parser.add_argument("--results", type=Path, default=Path(__file__).parent, help="folder of RESULTS.md")
    parser.add_argument("--peers-python", default=sys.executable, help="interpreter that has the peers' libraries")
    options = parser.parse_args()
    with servers() as (kafka, clickhouse):
        try:
            if options.quick:
                found = rows.comparison(kafka, clickhouse, QUICK, options.peers_python, {})
                run((replace(row, goal=None) for row in found), options.results)  # so few events say little
            else:
                run(measure(kafka, clickhouse, options.peers_python), options.results)
        except BenchmarkError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
