"""Where the ticks of an axis stand, and what they say."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from driftline_dashboard.windows import Window

MOST_TIMES = 8

_HOUR, _DAY = 3600, 86_400
_STEPS = (60, 300, 900, 1800, _HOUR, 10_800, 21_600, 43_200, _DAY, 172_800, 604_800, 1_209_600, 2_592_000, 7_776_000)


class Tick(NamedTuple):
    """A place on an axis.

    Attributes:
        at: From 0, its beginning, to 1, its end.
        label: What stands there.
    """

    at: float
    label: str


class Scale(NamedTuple):
    """The vertical axis.

    Attributes:
        low: Its lower end.
        high: Its upper end.
        ticks: Round values between.
    """

    low: float
    high: float
    ticks: Sequence[Tick]

    def place(self, value: float) -> float:
        """From 0 to 1."""
        return (value - self.low) / (self.high - self.low)


def scale(values: Sequence[float], *, from_zero: bool, percent: bool = False) -> Scale:
    """An axis with round ends around the values.

    >>> [tick.label for tick in scale([0.61, 0.84], from_zero=False, percent=True).ticks]
    ['60 %', '65 %', '70 %', '75 %', '80 %', '85 %']
    """
    low, high = min(values, default=0.0), max(values, default=1.0)
    low = min(low, 0.0) if from_zero else low
    if high <= low:
        high = low + (abs(low) or 1.0)
    step = _round_step((high - low) / 5)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    low, high = first * step, last * step
    numbers = [number * step for number in range(first, last + 1)]
    digits = max(0, -math.floor(math.log10(step * (100 if percent else 1)) + 1e-9))
    labels = [f"{100 * each:.{digits}f} %" if percent else f"{each:,.{digits}f}" for each in numbers]
    return Scale(low, high, [Tick((n - low) / (high - low), label) for n, label in zip(numbers, labels, strict=True)])


def times(window: Window) -> list[Tick]:
    """At most eight ticks at round times of UTC."""
    seconds = (window.end - window.begin).total_seconds()
    step = next((each for each in _STEPS if seconds / each <= MOST_TIMES), math.ceil(seconds / MOST_TIMES))
    form = "%H:%M" if seconds <= 2 * _DAY else "%d %b" if seconds <= 300 * _DAY else "%b %Y"
    first = math.ceil(window.begin.timestamp() / step) * step
    found = range(first, math.floor(window.end.timestamp()) + 1, step)
    return [Tick((at - window.begin.timestamp()) / seconds, f"{_time(at):{form}}") for at in found]


def _time(seconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


def _round_step(step: float) -> float:
    """1, 2, 5 or 10 times a power of ten, not less than the step."""
    power = 10.0 ** math.floor(math.log10(step))
    return float(next(n * power for n in (1, 2, 5, 10) if n * power >= step * (1 - 1e-9)))
