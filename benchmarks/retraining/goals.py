"""What the closed loop must reach on each stream."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.report import Goal
from benchmarks.retraining.course import Ended
from benchmarks.retraining.rivals import Right
from benchmarks.retraining.streams import Stream

AGAIN_ROWS, AGAIN = 100, 0.9
"""A model is right again when it was on this share of the last so many rows."""

Measure = Callable[[Stream, Right], float]


@dataclass(frozen=True)
class Wanted:
    """A figure of a stream.

    Attributes:
        name: Of the figure, in `retraining.json`.
        what: In words.
        measure: What it is, of whoever served.
        goal: What the worst of the runs must reach.
        rival: What the first version, never retrained, must not surpass, where that is part of the goal.
        compared: Whether it means something for others; a model that is never right again has no delay.
    """

    name: str
    what: str
    measure: Measure
    goal: Goal
    rival: Goal | None = None
    compared: bool = True


def overall(_: Stream, right: Right) -> float:
    """Accuracy over everything that was served."""
    return float(right.mean())


def last_quarter(_: Stream, right: Right) -> float:
    """Accuracy over the last quarter of what was served."""
    return float(right[-(len(right) // 4) :].mean())


def late(stream: Stream, right: Right) -> float:
    """Accuracy over the second halves of all worlds."""
    return float(np.concatenate([_second_half(stream, right, world) for world in stream.segments]).mean())


def worst_late(stream: Stream, right: Right) -> float:
    """The lowest accuracy over the second half of a world."""
    return min(float(_second_half(stream, right, world).mean()) for world in stream.segments)


def returning(stream: Stream, right: Right) -> float:
    """Rows until a model is right again after worlds returned, as a share of those when there was a first new one."""
    first, *again = [_rows_until_right(stream, right, world) for world in stream.segments[1:]]
    return float(np.mean(again)) / first


def _second_half(stream: Stream, right: Right, world: range) -> Right:
    begin = world.start + len(world) // 2
    return right[begin - stream.trained : world.stop - stream.trained]


def _rows_until_right(stream: Stream, right: Right, world: range) -> int:
    served = right[world.start - stream.trained : world.stop - stream.trained].astype(float)
    shares = np.convolve(served, np.ones(AGAIN_ROWS) / AGAIN_ROWS, mode="valid")
    reached = np.flatnonzero(shares >= AGAIN)
    return AGAIN_ROWS + int(reached[0]) if len(reached) else len(world)


WANTED: Mapping[str, Sequence[Wanted]] = {
    "mixed-abrupt": [Wanted("late", "late accuracy", late, Goal(least=0.88))],
    "stagger": [Wanted("accuracy", "accuracy", overall, Goal(least=0.94))],
    "gradual-turn": [Wanted("accuracy", "accuracy", overall, Goal(least=0.85))],
    "late-labels": [
        Wanted("last-quarter", "accuracy on the last quarter", last_quarter, Goal(least=0.91), Goal(most=0.66))
    ],
    "a-b-a-b": [
        Wanted("late", "worst late accuracy of a world", worst_late, Goal(least=0.92)),
        Wanted("returning", "rows until right again: returning / new", returning, Goal(most=0.99), compared=False),
    ],
    "elec2": [Wanted("accuracy", "accuracy", overall, Goal(least=0.72))],
}

MOST_RETRAINS: Mapping[str, float] = {"mixed-abrupt": 6, "elec2": 150}


@dataclass(frozen=True)
class Check:
    """A figure and what it must be; of several runs the worst one."""

    name: str
    what: str
    value: float
    goal: Goal | None
    mean: float


def worst(name: str, what: str, values: Sequence[float], goal: Goal | None) -> Check:
    """The run that is furthest from the goal."""
    choose = min if goal is not None and goal.least is not None else max
    return Check(name, what, choose(values), goal, float(np.mean(values)))


def checks(name: str, runs: Sequence[Ended]) -> Iterator[Check]:
    """Everything that is asked of ours on a stream, and what it took."""
    for wanted in WANTED[name]:
        yield worst(wanted.name, wanted.what, [wanted.measure(run.stream, run.right) for run in runs], wanted.goal)
    counted = Goal(most=MOST_RETRAINS[name]) if name in MOST_RETRAINS else None
    yield worst("retrains", "retrains", [run.retrains for run in runs], counted)
    yield worst("trainings", "challengers trained", [run.trainings for run in runs], None)
    yield worst("promotions", "promotions", [run.promotions for run in runs], None)
    yield worst("rollbacks", "promotions taken back", [run.rollbacks for run in runs], None)
    yield worst("audit-faults", "faults in the audit", [len(run.audit_faults) for run in runs], Goal(most=0))
