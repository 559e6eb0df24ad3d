"""What ours must reach on each stream."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from benchmarks.detection.figures import Figures
from benchmarks.report import Goal


class Check(NamedTuple):
    """A figure of a stream, and what it must be."""

    what: str
    value: float
    goal: Goal


MOST_FALSE: Mapping[str, float] = {
    "ten-kinds": 0.1,
    "season": 0.2,
    "steady-errors": 0.0,
    **dict.fromkeys(("errors-0.10-0.15", "errors-0.10-0.20", "errors-0.10-0.30"), 0.05),
}
"""False alarms a run."""

MOST_DELAY: Mapping[str, float] = {
    "shift-0.5": 200,
    "shift-1": 50,
    "spread-1.5": 130,
    "errors-0.10-0.15": 1_200,
    "errors-0.10-0.20": 360,
    "errors-0.10-0.30": 130,
    "concept-turns": 100,
    "shift-1-kafka": 50,
    "late-labels-kafka": 2_000 + 150,
}
"""Median delay, in rows."""

NAMED: Mapping[str, tuple[int, float]] = {
    "shift-0.5": (3_000, 0.95),
    "shift-1": (3_000, 0.95),
    "spread-1.5": (3_000, 0.95),
    "shift-1-kafka": (3_000, 0.95),
    **dict.fromkeys(("mix-0.15", "flag-0.10-0.25"), (1_000, 0.90)),
    "errors-0.10-0.15": (2_500, 0.90),
    **dict.fromkeys(("frozen", "null-0.1", "all-null"), (500, 0.95)),
}
"""Within so many rows, the share of runs in which the first alarm names what changed."""


EVENTS_PER_CPU_SECOND = Goal(least=100_000)
"""Of the worker, with all of its detection."""


def checks(stream: str, figures: Figures) -> Iterator[Check]:
    """Everything that is asked of ours on a stream."""
    if stream in MOST_FALSE:
        yield Check("false alarms a run", figures.false, Goal(most=MOST_FALSE[stream]))
    if stream in MOST_DELAY:
        yield Check("median delay", figures.delay(), Goal(most=MOST_DELAY[stream]))
    if stream in NAMED:
        rows, share = NAMED[stream]
        yield Check(f"named within {rows:,}", figures.within(rows), Goal(least=share))
    if stream in ("concept-turns", "late-labels-kafka"):
        yield Check("data alarms a run", figures.false + figures.wrong, Goal(most=0.0))
    if stream == "errors-fall":
        yield Check("alarms a run", figures.after, Goal(most=0.0))
