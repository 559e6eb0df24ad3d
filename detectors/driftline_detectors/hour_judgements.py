"""What is judged of an hour of a model's traffic, once it has ended, beside what was usual."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from driftline_detectors.findings import DriftFinding, DriftKind
from driftline_detectors.hours import DAY, WEEK, Hours, is_weekend
from driftline_detectors.interface import Direction

VOLUME, COVERAGE, DELAY, DUPLICATES = "volume", "label-coverage", "label-delay", "duplicates"

CHANGED = 3.0
"""Volume, delay and the share of duplicates changed when they did by this factor."""

HALVED = 0.5
"""Label coverage fell when less than this share of it is left."""

STEADY = 1.5
"""A version's share of the traffic is steady while that of no day is larger than that of another by this factor."""

MIN_OUTCOMES = 50
"""Outcomes that are expected, at least, where their coverage or their delay is judged."""

MIN_DELAY_MS = 600_000
"""Nobody is told of outcomes that are late by less."""

MIN_DUPLICATES = 0.01
"""Nobody is told of a smaller share."""

_SIGMAS = 6.0
"""What chance explains, in standard deviations of a count."""

COUNTERS: Final = 5
PREDICTIONS, GAP_MS, OUTCOMES, DELAY_MS, REPEATED = range(COUNTERS)
"""What is counted of each hour: new predictions, the longest gap between two, joined outcomes, how long they took in
all, and predictions that repeat an earlier one."""


class Judgement(NamedTuple):
    """A figure of traffic beside what was usual."""

    detector: str
    kind: DriftKind
    changed: bool
    statistic: float
    threshold: float
    before: float
    after: float

    @property
    def direction(self) -> Direction:
        """Whether the figure rose or fell."""
        return "up" if self.after > self.before else "down"

    def finding(self, position: int, since_ms: int) -> DriftFinding:
        """What is told of it, since the prediction at that offset or the time given."""
        return DriftFinding(
            row=0,
            kind=self.kind,
            feature=None,
            detector=self.detector,
            statistic=self.statistic,
            threshold=self.threshold,
            direction=self.direction,
            before=self.before,
            after=self.after,
            width=0,
            change_position=position,
            change_timestamp_ms=since_ms,
        )


def usual_hours(hours: Hours, hour: int) -> list[int]:
    """The hours that say what is usual in this one: a day ago and a week ago, as far as they are known.

    As long as no week is known, a weekend says nothing about a working day, nor a working day about a weekend.
    """
    a_day_ago, a_week_ago = hour - DAY, hour - WEEK
    if hours.knows(a_week_ago):
        return [a_day_ago, a_week_ago]
    is_like = hours.knows(a_day_ago) and is_weekend(hour) == is_weekend(a_day_ago)
    return [a_day_ago] if is_like else []


def of_model(hours: Hours, hour: int) -> Iterator[Judgement]:
    """Judge an hour of all traffic of a model, which has ended."""
    yield from of_segment(hours, hour)
    if usual := usual_hours(hours, hour):
        yield _duplicates(hours, hour, usual)


def of_segment(hours: Hours, hour: int) -> Iterator[Judgement]:
    """Judge an hour of a segment's traffic."""
    if usual := usual_hours(hours, hour):
        yield _volume(hours, hour, usual)
        yield _delay(hours, hour, usual)
    if _knows_coverage(hours, hour):
        yield _coverage(hours, hour)


def of_version(hours: Hours, hour: int, model: Hours) -> Iterator[Judgement]:
    """Judge an hour of a version's traffic, beside that of its model.

    How many predictions a version gets is decided by who rolls it out, and the mean delay of its outcomes rises with
    its age: neither is judged. Outcomes follow their predictions late, so that a fall of their coverage means something
    only if the version's share of the traffic did not change lately.
    """
    if _knows_coverage(hours, hour):
        coverage = _coverage(hours, hour)
        if not coverage.changed or _is_steady(hours, hour, model):
            yield coverage


def _is_steady(hours: Hours, hour: int, model: Hours) -> bool:
    """Whether the share of the model's predictions was about the same on each day that is known, up to this hour."""
    ends = [end for end in range(hour + 1, hour + 1 - WEEK - DAY, -DAY) if hours.knows(end - DAY)]
    daily = [hours.total(PREDICTIONS, end, DAY) / max(1, model.total(PREDICTIONS, end, DAY)) for end in ends]
    return max(daily) <= STEADY * min(daily)


def _volume(hours: Hours, hour: int, usual: list[int]) -> Judgement:
    count = hours.at(PREDICTIONS, hour)
    counts = [hours.at(PREDICTIONS, each) for each in usual]
    nearest = min(counts, key=lambda each: abs(each - count))
    chance = _SIGMAS * (max(count, nearest) + 1) ** 0.5
    changed = not min(counts) / CHANGED <= count <= max(counts) * CHANGED and abs(count - nearest) > chance
    changed &= count > 0  # that is a silence
    bound = nearest * CHANGED if count > nearest else nearest / CHANGED
    return Judgement(VOLUME, "volume", changed, count, bound, nearest, count)


def _delay(hours: Hours, hour: int, usual: list[int]) -> Judgement:
    after = _mean_delay(hours, hour)
    before = max((mean for each in usual if (mean := _mean_delay(hours, each)) == mean), default=np.nan)
    bound = max(CHANGED * before, before + MIN_DELAY_MS)
    return Judgement(DELAY, "quality", after > bound, after, bound, before, after)


def _mean_delay(hours: Hours, hour: int) -> float:
    """In milliseconds; NaN where too few outcomes came."""
    outcomes = hours.at(OUTCOMES, hour)
    return hours.at(DELAY_MS, hour) / outcomes if outcomes >= MIN_OUTCOMES else np.nan


def _knows_coverage(hours: Hours, hour: int) -> bool:
    """Whether the days before say what coverage is usual: a week, or two days that are both of a weekend or not."""
    first = hour - 2 * DAY + 1
    alike = len({is_weekend(each) for each in (first, hour - DAY, hour)}) == 1
    return hours.knows(hour + 1 - WEEK - DAY) or (hours.knows(first) and alike)


def _coverage(hours: Hours, hour: int) -> Judgement:
    """Outcomes for each prediction in the day that ends with this hour, and in the days before.

    Outcomes follow later than their predictions: of a rise, none are expected before the next day.
    """
    ends = [hour + 1 - DAY, *([hour + 1 - WEEK] if hours.knows(hour + 1 - WEEK - DAY) else [])]
    before = min(_share(hours, end) for end in ends)
    predictions = min(hours.total(PREDICTIONS, end, DAY) for end in (hour + 1, hour + 1 - DAY))
    expected, outcomes = before * predictions, hours.total(OUTCOMES, hour + 1, DAY)
    changed = expected >= MIN_OUTCOMES and outcomes < HALVED * expected
    return Judgement(COVERAGE, "quality", changed, outcomes, HALVED * expected, before, _share(hours, hour + 1))


def _share(hours: Hours, end: int) -> float:
    return hours.total(OUTCOMES, end, DAY) / max(1, hours.total(PREDICTIONS, end, DAY))


def _duplicates(hours: Hours, hour: int, usual: list[int]) -> Judgement:
    """The share of predictions that repeat an earlier one."""
    counts = hours.at(REPEATED, hour), hours.at(PREDICTIONS, hour)
    before = max(_repeated_share(hours, each) for each in usual)
    after, expected = _repeated_share(hours, hour), before * sum(counts)
    bound = max(CHANGED * before, MIN_DUPLICATES)
    changed = after > bound and counts[0] > expected + _SIGMAS * (expected + 1) ** 0.5
    return Judgement(DUPLICATES, "quality", changed, after, bound, before, after)


def _repeated_share(hours: Hours, hour: int) -> float:
    repeated = hours.at(REPEATED, hour)
    return repeated / max(1, repeated + hours.at(PREDICTIONS, hour))
