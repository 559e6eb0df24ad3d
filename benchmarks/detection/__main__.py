"""`python -m benchmarks.detection`: false alarms, delays and misses, in one table."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.detection import contenders, streams, through_kafka
from benchmarks.detection.figures import Figures, Outcome
from benchmarks.detection.goals import EVENTS_PER_CPU_SECOND, checks
from benchmarks.report import document, markdown, number, show_cells, write_values
from benchmarks.stand import servers

RUNS = 20
_HEADER = ("stream", "detector", "false alarms a run", "median delay", "90 % in", "missed", "right one named", "goals")
_STREAMS = {**streams.OF_FEATURES, **streams.OF_ERRORS}
COST = "cost-kafka"
NOTES = (
    "Stationary streams have 100,000 rows after the 5,000 that ours learns from; elsewhere the change comes at row "
    "9,000. Alarms in the first 5,000 rows count for nobody. A delay is in rows; a run without an alarm after the "
    "change is missed.",
    "`driftline` is the e-detector bank at its default budget, one false alarm in 1,000,000 events for all features "
    "together, and on errors ADWIN with e-SR. River's detectors have their defaults, one for each feature. They know "
    "no nulls and no categories: nulls are left out, categories are codes.",
    "Delays of a detector with many false alarms are mostly chance: its next false alarm is never far.",
    "`driftline` is called as the worker calls it, the monitor of a model version (`ModelMonitor`) on columns. Where a "
    "name ends in `-kafka`, the stream went through Kafka, the worker and ClickHouse, every run as a model; what was "
    "found on features there is what the library finds, row by row, or this file would not have been written.",
    "`late-labels-kafka`: what was right becomes wrong; labels come 2,000 events after their predictions, half of them "
    "never, 5 % up to 500 events later than that; 2 % of predictions and labels come twice. Delays count events since "
    "the change. The labels in `performance_hourly` are exactly those that were sent.",
    "`cost-kafka`: columnar batches of 256, ten features, nothing changes; CPU of the worker's process from the first "
    "event to the last row in ClickHouse.",
)


def outcome(task: tuple[str, str, int]) -> Outcome:
    """One run: stream, detector, seed."""
    name, detector, seed = task
    stream = _STREAMS[name](np.random.default_rng([seed, list(_STREAMS).index(name)]))
    found = (contenders.OF_FEATURES if name in streams.OF_FEATURES else contenders.OF_ERRORS)[detector](stream)
    return Outcome.of(stream, found)


def measure(names: Sequence[str], seeds: Sequence[int]) -> Iterator[tuple[str, str, Figures]]:
    """Every detector on every stream."""
    with ProcessPoolExecutor() as pool:
        for name in names:
            rivals = contenders.OF_FEATURES if name in streams.OF_FEATURES else contenders.OF_ERRORS
            for detector in rivals:
                yield name, detector, Figures(list(pool.map(outcome, [(name, detector, seed) for seed in seeds])))


def measure_through_kafka(names: Sequence[str], seeds: Sequence[int]) -> Iterator[tuple[str, Figures | float]]:
    """The worker on some of them, and what it costs."""
    if not names:
        return
    with servers() as (kafka, clickhouse):
        for name in names:
            if name == COST:
                yield name, through_kafka.events_per_cpu_second(kafka, clickhouse)
            else:
                yield name, through_kafka.measure(name, seeds, kafka, clickhouse)


def cost_cells(value: float) -> tuple[str, ...]:
    """The line of the cost."""
    goal = EVENTS_PER_CPU_SECOND
    told = f"{number(value)} events / CPU s {goal} {'✓' if goal.met(value) else '✗'}"
    return COST, "driftline", "", "", "", "", "", told


def cells(name: str, detector: str, figures: Figures) -> tuple[str, ...]:
    """One line of the table."""
    ours = list(checks(name, figures)) if detector == "driftline" else []
    goals = "; ".join(f"{check.what} {check.goal} {'✓' if check.goal.met(check.value) else '✗'}" for check in ours)
    if name in ("ten-kinds", "season", "steady-errors"):
        return (name, detector, number(figures.false), "", "", "", "", goals)
    delays = [number(delay) if delay < np.inf else "" for delay in (figures.delay(), figures.delay(0.9))]
    missed = float(np.mean([each.delay is None for each in figures.outcomes]))
    shares = [f"{100 * share:.0f} %" for share in (missed, figures.within(sys.maxsize))]
    return (name, detector, number(figures.false), *delays, *shares, goals)


def write(table: Sequence[tuple[str, ...]], values: Mapping[str, float], folder: Path, runs: str) -> None:
    """Write `DETECTION.md` and `results/detection.json` into the folder."""
    introduction = f"{runs}; river {version('river')}, numpy {version('numpy')}."
    write_values(values, folder, "detection")
    text = document("make bench-detection", introduction, markdown(_HEADER, table), NOTES)
    (folder / "DETECTION.md").write_text(text, "utf-8")


def _everything(names: Sequence[str], seeds: Sequence[int]) -> Iterator[tuple[str, str, Figures | float]]:
    yield from measure([name for name in names if name in _STREAMS], seeds)
    for name, figures in measure_through_kafka([name for name in names if name not in _STREAMS], seeds):
        yield name, "driftline", figures


def _values(figures: Figures) -> Iterator[tuple[str, float]]:
    yield "false-alarms", figures.false
    yield "named", figures.within(sys.maxsize)
    if figures.delay() < np.inf:
        yield "median-delay", figures.delay()


def main() -> int:
    """Measure, print and write; 1 when ours misses a goal."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first of the runs' seeds; another one is fresh")
    parser.add_argument("--runs", type=int, default=RUNS)
    every = [*_STREAMS, *through_kafka.RUNS, COST]
    parser.add_argument("--streams", nargs="*", choices=every, default=every)
    parser.add_argument("--results", type=Path, default=Path(__file__).parents[1], help="folder of DETECTION.md")
    options = parser.parse_args()
    seeds = range(options.seed, options.seed + options.runs)
    rows, values, missed = [], dict[str, float](), 0
    for name, detector, figures in _everything(options.streams, seeds):
        if isinstance(figures, float):
            rows.append(cost_cells(figures))
            values[f"{name}.{detector}.events-per-cpu-second"] = figures
            missed += not EVENTS_PER_CPU_SECOND.met(figures)
        else:
            rows.append(cells(name, detector, figures))
            values |= {f"{name}.{detector}.{what}": value for what, value in _values(figures)}
            missed += sum(not check.goal.met(check.value) for check in checks(name, figures) if detector == "driftline")
        print(" | ".join(rows[-1]), file=sys.stderr, flush=True)
    show_cells(_HEADER, rows)
    write(rows, values, options.results, f"{options.runs} runs of each stream, seeds from {options.seed}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
