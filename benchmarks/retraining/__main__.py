"""`python -m benchmarks.retraining`: what the closed loop keeps of a model's accuracy, and what its proof promises."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.measured import BenchmarkError
from benchmarks.report import Goal, document, markdown, number, show_cells, write_values
from benchmarks.retraining import gate, rivals
from benchmarks.retraining.course import CHUNK_ROWS, Ended, play
from benchmarks.retraining.goals import WANTED, Check, checks, worst
from benchmarks.retraining.streams import STREAMS, Stream
from benchmarks.stand import servers

RUNS = 5
GATE, ROLLBACK = "gate", "roll-back"
_HEADER = ("stream", "figure", "worst run", "mean", "goal", "", "never retrained", "naive", "last label")
_RIVALS = {"static": rivals.static, "naive": rivals.naive, "repeated": rivals.repeated}
NOTES = (
    f"Every stream goes through Kafka, the worker, ClickHouse, the retrain service and `ModelFollower`, in lock-step: "
    f"{CHUNK_ROWS} rows are predicted by the champion of the moment and logged with the outcomes that are due, the "
    "worker stores them, and the benchmark lets the retrain service go as far as that before it logs the next. "
    "Training jobs run in processes of their own. All runs of a stream are played at the same time, each as a model.",
    "20,000 rows, of which the first version learns 1,000; `elec2` is the demo's market, 45,312 half hours, of which "
    "it learns a month, and labels come a day (48 rows) later. Retraining has its default settings but for the "
    "cooldown, which is in the log's time; logistic regression, on `elec2` gradient boosting.",
    "Late accuracy is that of the second half of each world. Right again: on 90 % of the last 100 rows.",
    "`naive` trains on the last 2,000 labelled rows when ADWIN has seen the errors rise and 200 more labels have "
    "come, and serves that; at the gate it promotes what is better on 500 held-out rows. `last label` has no model and "
    "repeats the label that came last.",
    "`gate`: 1,000 simulated pairs of classifiers that err together on 60 % of the rows (`apart`: on none), the proof "
    "of a retrain's first challenger, which has six tenths of alpha = 0.01. Errors: 10 % against 11 %, 10 % each, "
    "30 % each, 20 % against 15 %. Where they err apart the differences vary twice as much, and the best bet that "
    "keeps alpha would take a thousand outcomes.",
    "`roll-back`: a version that is 5 points better errs on 45 % of the rows from some row of its probation (2,000 "
    "outcomes) on; medians count from that row.",
)


@dataclass
class Results:
    """Lines of the table, and name → value; how many goals were missed."""

    lines: list[tuple[str, ...]] = field(default_factory=list)
    values: dict[str, float] = field(default_factory=dict)
    missed: int = 0

    def add(self, stream: str, check: Check, beside: Mapping[str, float] | None = None) -> None:
        """Take a figure, with what it is for others."""
        others = beside or {}
        met = None if check.goal is None else check.goal.met(check.value)
        self.missed += met is False
        mark = {None: "", True: "✓", False: "✗"}[met]
        figures = (_number(check.value), _number(check.mean), str(check.goal or ""), mark)
        rivals_told = [_number(others[name]) if name in others else "" for name in _RIVALS]
        self.lines.append((stream, check.what, *figures, *rivals_told))
        self.values[f"{stream}.{check.name}"] = check.value
        self.values[f"{stream}.{check.name}.mean"] = check.mean
        self.values |= {f"{stream}.{check.name}.{name}": value for name, value in others.items()}
        print(" | ".join(self.lines[-1]), file=sys.stderr, flush=True)


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 2 and value != round(value) else number(value)


def add_gate(results: Results, seed: int) -> None:
    """The promises of the proof."""
    for name in gate.CASES:
        verdicts = gate.gate(name, seed)
        promoted = list(gate.rows_of(verdicts))
        better = name.startswith("5-points")
        goal = Goal(least=0.99) if better else Goal(most=0.01)
        share = worst(f"{name}.promoted", f"{name}: promoted", [len(promoted) / gate.TRIALS], goal)
        results.add(GATE, share, {"naive": gate.holdout(name, seed)})
        if better:
            most = Goal(most=700) if name == "5-points-better" else None
            results.add(GATE, worst(f"{name}.rows", f"{name}: median outcomes", [float(np.median(promoted))], most))
        else:
            given_up = [float(np.median([rows for _, rows in verdicts]))]
            results.add(GATE, worst(f"{name}.rows", f"{name}: median outcomes until refused", given_up, None))


def add_rollback(results: Results, seed: int) -> None:
    """What is sabotaged is taken back."""
    verdicts, early = gate.sabotage(seed)
    rows = list(gate.rows_of(verdicts))
    share = len(rows) / gate.TRIALS
    results.add(ROLLBACK, worst("taken-back", "sabotaged, taken back", [share], Goal(least=0.99)))
    results.add(ROLLBACK, worst("rows", "median outcomes", [float(np.median(rows))], Goal(most=700)))
    results.add(ROLLBACK, worst("early", "taken back while good", [early], Goal(most=0.01)))


def add_stream(results: Results, name: str, streams: Sequence[Stream], ended: Sequence[Ended]) -> None:
    """A stream's runs, and the same ones without us."""
    served = {rival: [policy(stream) for stream in streams] for rival, policy in _RIVALS.items()}
    wanted = {each.name: each for each in WANTED[name]}
    for check in checks(name, ended):
        figure = wanted.get(check.name)
        beside = {
            rival: float(np.mean([figure.measure(*pair) for pair in zip(streams, rights, strict=True)]))
            for rival, rights in served.items()
            if figure and figure.compared
        }
        results.add(name, check, beside)
        if figure and figure.rival and not figure.rival.met(beside["static"]):
            raise BenchmarkError(f"{name}: the first version keeps {beside['static']:.3f}, and the goal is no goal")


def _seeds(name: str, options: argparse.Namespace) -> range:
    return range(options.seed, options.seed + (1 if name == "elec2" else options.runs))


def _streams(name: str, options: argparse.Namespace) -> list[Stream]:
    number_ = list(STREAMS).index(name)
    return [STREAMS[name](np.random.default_rng([seed, number_])) for seed in _seeds(name, options)]


def main() -> int:
    """Measure, print and write; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retraining", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first of the runs' seeds; another one is fresh")
    parser.add_argument("--runs", type=int, default=RUNS)
    every = [*STREAMS, GATE, ROLLBACK]
    parser.add_argument("--streams", nargs="*", choices=every, default=every)
    parser.add_argument("--results", type=Path, default=Path(__file__).parents[1], help="folder of RETRAINING.md")
    options = parser.parse_args()
    results = Results()
    _measure(results, options)
    show_cells(_HEADER, results.lines)
    packages = ", ".join(f"{name} {version(name)}" for name in ("river", "scikit-learn", "numpy"))
    runs = f"{options.runs} runs of each stream (`elec2`: one), seeds from {options.seed}; {packages}."
    write_values(results.values, options.results, "retraining")
    text = document("make bench-retrain", runs, markdown(_HEADER, results.lines), NOTES)
    (options.results / "RETRAINING.md").write_text(text, "utf-8")
    return 1 if results.missed else 0


def _measure(results: Results, options: argparse.Namespace) -> None:
    chosen = [name for name in options.streams if name in STREAMS]
    if chosen:
        with servers() as (kafka, clickhouse):
            for name in chosen:
                streams = _streams(name, options)
                add_stream(results, name, streams, play(streams, kafka, clickhouse))
    if GATE in options.streams:
        add_gate(results, options.seed)
    if ROLLBACK in options.streams:
        add_rollback(results, options.seed)


if __name__ == "__main__":
    sys.exit(main())
