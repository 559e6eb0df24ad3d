"""`python -m benchmarks.detection.calibration`: what a budget promises, and how often alarms really are false.

Nothing changes in the streams, so every alarm is false. Budgets are small here, because a large one takes as many
times longer; the threshold is the budget at every size (docs/detection.md).
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.detection.contenders import predictions
from benchmarks.detection.streams import KINDS_OF_CATEGORIES, LEARNED_ROWS, Stream, ten_kinds
from benchmarks.report import number
from driftline_detectors import ModelMonitor, MonitorSettings

RUNS = 40
"""Each as long as the budget, so that so many false alarms would just keep the promise."""

_CHUNK_ROWS = 1_000
NOTE = (
    "- Features of the ten kinds of `benchmarks/detection/streams.py`, none of which changes; predictions and their "
    "latency are watched beside them. Events count after the 5,000 that the monitor learns from. A budget of B "
    "promises at most one false alarm in B events on average; what is measured is mostly better, because the "
    "reference's own error is allowed for."
)
_HEADER = ("promise: events a false alarm", "features", "runs", "events", "alarms", "measured: events a false alarm")


class Case(NamedTuple):
    """A budget, over so many of the features of `ten_kinds`."""

    budget_events: int
    features: int


CASES = [Case(budget, features) for budget in (1_000, 10_000, 100_000) for features in (1, 10, 100)]


def false_alarms(task: tuple[Case, int]) -> int:
    """Alarms of one run, by its seed, after the rows that are learned from."""
    case, seed = task
    rows = LEARNED_ROWS + case.budget_events
    values = ten_kinds(np.random.default_rng([seed, *case]), rows)[: case.features]
    stream = Stream(values, None, frozenset(each for each in KINDS_OF_CATEGORIES if each < case.features))
    monitor, alarms = ModelMonitor(MonitorSettings(budget_events=case.budget_events)), 0
    for begin in range(0, rows, _CHUNK_ROWS):
        found = monitor.observe_predictions(predictions(stream, np.arange(begin, min(begin + _CHUNK_ROWS, rows))))
        alarms += sum(begin + drift.row >= LEARNED_ROWS for drift in found.drifts)
    return alarms


def measure(seeds: Sequence[int]) -> Iterator[tuple[Case, int]]:
    """Each case with the false alarms of all its runs."""
    with ProcessPoolExecutor() as pool:
        for case in CASES:
            yield case, sum(pool.map(false_alarms, [(case, seed) for seed in seeds]))


def cells(case: Case, runs: int, alarms: int) -> tuple[str, ...]:
    """One line of the table."""
    events = runs * case.budget_events
    measured = number(events / alarms) if alarms else f"more than {number(events)}"
    return number(case.budget_events), str(case.features), str(runs), number(events), str(alarms), measured


def main() -> int:
    """Measure, print and write; 1 when a promise is broken by more than chance explains."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection.calibration", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first of the runs' seeds; another one is fresh")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--results", type=Path, default=Path(__file__).parents[1], help="folder of CALIBRATION.md")
    options = parser.parse_args()
    rows, broken = [], False
    for case, alarms in measure(range(options.seed, options.seed + options.runs)):
        rows.append(cells(case, options.runs, alarms))
        broken |= alarms > options.runs + 3 * np.sqrt(options.runs)
        print(" | ".join(rows[-1]), file=sys.stderr, flush=True)
    table = Table(*_HEADER)
    for row in rows:
        table.add_row(*row)
    Console(width=120).print(table)
    lines = "\n".join(f"| {' | '.join(row)} |" for row in (_HEADER, ("---",) * len(_HEADER), *rows))
    head = f"# Results of `make calibrate`\n\n{options.runs} runs of each case, seeds from {options.seed}."
    (options.results / "CALIBRATION.md").write_text(f"{head}\n\n{lines}\n\n{NOTE}\n", "utf-8")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
