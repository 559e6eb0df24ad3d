"""From a checked batch to columns: the one form in which events go on."""

import math
from array import array
from collections.abc import Mapping
from typing import Any

import numpy as np

from driftline_schemas import OutcomeBatch, PredictionBatch
from driftline_stream_processors.columns import (
    Floats,
    Integers,
    Mask,
    OptionalTexts,
    Outcomes,
    Places,
    Predictions,
    Texts,
)
from driftline_stream_processors.scalars import as_number, as_text

Masks = Mapping[str, Mask]
"""Which rows carry a column, for the columns that not every row carries."""


def predictions(batch: PredictionBatch, places: Places, carried: Masks, tagged: Masks) -> Predictions:
    """The columns of a batch; `carried` masks features, `tagged` masks segment tags."""
    rows = len(places)
    numbers, texts, present = _features(batch.features, rows, carried)
    prediction = _listed(batch.prediction, rows)
    return Predictions(
        model=batch.model,
        version=batch.version,
        places=places,
        event_id=batch.event_id,
        timestamp_ms=_integers(batch.timestamp_ms, rows),
        numbers=numbers,
        present=present,
        texts=texts,
        prediction=_texts(prediction),
        prediction_value=_values(prediction),
        score=_floats(batch.score, rows),
        segment={tag: _masked(_texts(_listed(each, rows)), tagged.get(tag)) for tag, each in batch.segment.items()},
        subject_id=_or_empty(batch.subject_id, rows),
        latency_ms=_floats(batch.latency_ms, rows),
        traceparent=_or_empty(batch.traceparent, rows),
    )


def outcomes(batch: OutcomeBatch, places: Places) -> Outcomes:
    """The columns of a batch."""
    rows = len(places)
    label = _listed(batch.label, rows)
    return Outcomes(
        model=batch.model,
        places=places,
        event_id=batch.event_id,
        label=label if {str}.issuperset(map(type, label)) else [None if v is None else as_text(v) for v in label],
        label_value=_values(label),
        timestamp_ms=_integers(batch.timestamp_ms, rows),
        source=_listed(batch.source, rows),
    )


def _features(
    features: Mapping[str, Any], rows: int, carried: Masks
) -> tuple[dict[str, Floats], dict[str, OptionalTexts], dict[str, Mask]]:
    """Numbers, texts, and in which rows a number stands where it does not in all."""
    numbers: dict[str, Floats] = {}
    texts: dict[str, OptionalTexts] = {}
    present: dict[str, Mask] = {}
    for name, column in features.items():
        values, mask = _column(column, rows), carried.get(name)
        try:
            numbers[name] = _doubles(values)
            if mask is not None:
                present[name] = mask
        except TypeError:
            is_text = np.fromiter((type(value) is str for value in values), np.bool_, rows)
            if is_text.any():
                texts[name] = [value if type(value) is str else None for value in values]
            is_number = ~is_text if mask is None else mask & ~is_text
            if is_number.any():
                numbers[name] = np.array([_number(value) for value in values])
                if not is_number.all():
                    present[name] = is_number
    return numbers, texts, present


def _doubles(column: Any) -> Floats:
    """Numbers, and booleans as 0 and 1; `TypeError` for text and null."""
    return np.frombuffer(column if type(column) is memoryview else array("d", column))


def _number(value: Any) -> float:
    """A number or boolean as a number; NaN for null and text."""
    return math.nan if value is None or type(value) is str else float(value)


def _column(value: Any, rows: int) -> Any:
    """A column as a list or as it is in memory; one scalar holds for every row."""
    return value if type(value) in (list, memoryview) else [value] * rows


def _listed(value: Any, rows: int) -> list[Any]:
    """A column as a list."""
    return list(_column(value, rows))


def _integers(column: list[int] | int, rows: int) -> Integers:
    return np.array(column, np.int64) if isinstance(column, list) else np.full(rows, column, np.int64)


def _floats(column: list[float | None] | float | None, rows: int) -> Floats:
    """Numbers, with NaN for null."""
    if not isinstance(column, (list, memoryview)):
        return np.full(rows, math.nan if column is None else column)
    try:
        return _doubles(column)
    except TypeError:
        return np.array(column, np.float64)  # takes None for NaN


def _values(column: list[Any]) -> Floats:
    """What is a number as itself, NaN for classes."""
    types = set(map(type, column))
    if types == {float}:
        return np.frombuffer(array("d", column))
    if float not in types and int not in types:
        return np.full(len(column), math.nan)
    return np.array([as_number(value) for value in column])


def _texts(column: list[Any]) -> Texts:
    return column if {str}.issuperset(map(type, column)) else [as_text(value) for value in column]


def _or_empty(column: list[str | None] | str | None, rows: int) -> Texts:
    return [value or "" for value in column] if isinstance(column, list) else [column or ""] * rows


def _masked(column: Texts, mask: Mask | None) -> OptionalTexts:
    if mask is None:
        return column
    return [value if there else None for value, there in zip(column, mask.tolist(), strict=True)]
