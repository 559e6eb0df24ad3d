"""Columns: many values of one field, checked together.

A column is checked by the set of its values' types, in a fraction of the time that one look at every value takes.
Only a column that this does not settle is checked value by value, which also finds out what is wrong with it.

A reader may give a column of finite numbers as a memoryview of doubles, which needs no check.
"""

import math
from collections.abc import Callable
from types import NoneType
from typing import Annotated, Any, TypeVar

from pydantic import WrapValidator

from driftline_schemas.events.base import FeatureValue, FiniteNumber, LatencyMs, Scalar

T = TypeVar("T")

_NUMBERS = frozenset({float, int})


def _finite(column: list[Any], types: set[type]) -> bool:
    """Whether all numbers are surely finite; a sum that overflows leaves it open."""
    numbers = column if types <= _NUMBERS else [value for value in column if type(value) in _NUMBERS]
    try:
        return math.isfinite(sum(numbers))
    except OverflowError:
        return False


def _of(*allowed: type) -> WrapValidator:
    """Check a list as a whole where that is enough; numbers in it are floats afterwards."""
    kinds = frozenset(allowed)

    def check(column: Any, one_by_one: Callable[[Any], Any]) -> Any:
        if type(column) is memoryview and float in kinds:
            return column
        types: set[type] = set(map(type, column)) if type(column) is list else {object}
        if not types <= kinds or not (types.isdisjoint(_NUMBERS) or _finite(column, types)):
            return one_by_one(column)
        return [float(value) if type(value) is int else value for value in column] if int in types else column

    return WrapValidator(check)


FeatureColumn = Annotated[list[FeatureValue] | FeatureValue, _of(float, int, bool, str, NoneType)]
ScalarColumn = Annotated[list[Scalar] | Scalar, _of(float, int, bool, str)]
NumberColumn = Annotated[list[FiniteNumber | None] | FiniteNumber | None, _of(float, int, NoneType)]
LatencyColumn = list[LatencyMs | None] | LatencyMs | None
TextColumn = Annotated[list[str | None] | str | None, _of(str, NoneType)]


def at(column: list[T] | T, row: int) -> T:
    """The value of a column at a row; a scalar holds for every row."""
    value: T = column[row] if isinstance(column, (list, memoryview)) else column
    return value


def require_one_length(rows: int, columns: dict[str, object]) -> None:
    """Raise `ValueError` naming the first column whose length differs from `rows`."""
    for name, column in columns.items():
        if isinstance(column, (list, memoryview)) and len(column) != rows:
            raise ValueError(f"column {name!r} has {len(column)} values but event_id has {rows}")
