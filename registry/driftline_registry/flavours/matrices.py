"""Rows of named features as the columns of a model, and its probabilities as predictions."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from driftline_registry.flavours import Scored, Value
from driftline_registry.manifest import Label


def most_probable(probabilities: npt.NDArray[Any], classes: Sequence[Label]) -> list[Scored]:
    """The most probable class of each row, and its probability."""
    columns = probabilities.argmax(axis=1)
    scores = probabilities[np.arange(len(columns)), columns]
    return [Scored(classes[column], score) for column, score in zip(columns.tolist(), scores.tolist(), strict=True)]


def matrix_builder(
    features: Sequence[str], categorical: frozenset[str]
) -> Callable[[Sequence[Mapping[str, Value]]], npt.NDArray[Any]]:
    """Return the function that puts rows of named features into columns, in this order.

    A missing number becomes NaN and a missing category the empty string; a value of the wrong type raises
    TypeError. The matrix is of floats, or of objects when there are categories.

    >>> matrix_builder(["age", "rich"], frozenset())([{"rich": True, "other": 1.0}])
    array([[nan,  1.]])
    """
    converters = [(name, _category if name in categorical else _number) for name in features]
    dtype = object if categorical else np.float64

    def build(rows: Sequence[Mapping[str, Value]]) -> npt.NDArray[Any]:
        return np.array([[convert(name, row.get(name)) for name, convert in converters] for row in rows], dtype=dtype)

    return build


def _number(name: str, value: Value) -> float:
    if isinstance(value, str):
        raise TypeError(f"feature {name!r} is {value!r}; the model was trained on numbers")
    return math.nan if value is None else float(value)


def _category(name: str, value: Value) -> str:
    if value is None or value != value:
        return ""
    if not isinstance(value, str):
        raise TypeError(f"feature {name!r} is {value!r}; the model was trained on strings")
    return value
