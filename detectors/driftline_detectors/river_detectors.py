"""What River's detectors by name have in common: where they fire, the dating of a change, the numbers of a snapshot."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from driftline_detectors.interface import Change, Direction, Past, Reading

_MOST = 2**53
"""The largest count that a snapshot may hold: up to here floats count one by one."""


class Sides(NamedTuple):
    """The means on both sides of a change point, and the number of values since."""

    before: float
    after: float
    width: int


def first_alarm(river: Any, values: Iterable[float]) -> int | None:
    """Feed a detector of River's up to the first value at which it fires; return its index, None if there is none."""
    update = river.update
    for index, value in enumerate(values):
        update(value)
        if river.drift_detected:
            return index
    return None


def described(now: Reading, direction: Direction, past: Past, otherwise: Sides) -> Change:
    """Describe a change in this direction by the likeliest change point of `past`.

    If the mean moved the other way there, or there is no such point yet, it is described by `otherwise`. Numbers beyond
    the largest float count as that.

    >>> now, otherwise = Reading(3.5, 3.0, 0.5, 4), Sides(0.0, 1.0, 2)
    >>> described(now, "up", Past(32, 16.0, 8, 0.25, 0.5), otherwise).width
    24
    >>> described(now, "down", Past(32, 16.0, 8, 0.25, 0.5), otherwise).width
    2
    """
    moved = past.after > past.before if direction == "up" else past.after < past.before
    sides = Sides(past.before, past.after, past.length - past.cut) if moved else otherwise
    statistic, before, after = np.nan_to_num((now.statistic, sides.before, sides.after)).tolist()
    return Change(statistic, now.threshold, direction, before, after, sides.width)


def number(state: Mapping[str, Any], key: str, least: float = -math.inf, most: float = math.inf) -> float:
    """Return a number of a snapshot; raise ValueError if it lies outside these bounds.

    >>> number({"rate": 1.5}, "rate", 0, 1)
    Traceback (most recent call last):
    ValueError: rate is 1.5, not between 0 and 1
    """
    value = float(state[key])
    if not least <= value <= most:
        raise ValueError(f"{key} is {value}, not between {least} and {most}")
    return value


def count(state: Mapping[str, Any], key: str, most: int = _MOST) -> int:
    """Return a count of a snapshot; raise ValueError if it is negative or above `most`."""
    return int(number(state, key, 0, most))
