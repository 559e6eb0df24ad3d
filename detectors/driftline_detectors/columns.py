"""What a monitor reads: columns whose row i is the caller's record i."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
"""Values whose order matters, and not their last digits."""
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]
OptionalTexts = Sequence[str | None]

ALL = slice(None)
"""All streams of a matrix with one column per stream."""


@dataclass(frozen=True, slots=True)
class PredictionColumns:
    """Consecutive predictions of one version of one model, in log order; every column has one length.

    `features` holds the numeric features; NaN is a null. A feature that not every row has carries a mask in
    `present`; without one it is present in every row. `texts` holds features that are text, None where a row has none;
    a feature may be a number in some rows and text in others. `prediction` is the predicted class or number as text,
    `prediction_value` the number, NaN for classes. `latency_ms` is NaN where absent. `segment` holds tags, None where a
    row has none. `position` is the row's offset in the log, `timestamp_ms` its event time.
    """

    position: Integers
    timestamp_ms: Integers
    features: Mapping[str, Floats]
    latency_ms: Floats
    prediction_value: Floats
    present: Mapping[str, Mask] = field(default_factory=dict)
    texts: Mapping[str, OptionalTexts] = field(default_factory=dict)
    prediction: Sequence[str] = ()
    segment: Mapping[str, OptionalTexts] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.position)

    def take(self, rows: Integers) -> "PredictionColumns":
        """Return some of the predictions."""
        return PredictionColumns(*(_take(getattr(self, name), rows) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class ErrorColumns:
    """Consecutive joined outcomes of one version of one model, in log order; every column has one length.

    `error` is 0 or 1 for a class and the absolute error for a number; a NaN (no judgement) is skipped. `residual` is
    prediction minus label for a number and NaN for a class: it tells the two apart, row by row. `position` is the
    outcome's offset in the log, `timestamp_ms` the event time by which the caller wants errors ordered and reported.
    `segment` holds the tags of the predictions, None where one has none.
    """

    position: Integers
    timestamp_ms: Integers
    error: Floats
    residual: Floats
    segment: Mapping[str, OptionalTexts] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.position)

    def take(self, rows: Integers) -> "ErrorColumns":
        """Return some of the errors."""
        return ErrorColumns(*(_take(getattr(self, name), rows) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class TrafficColumns:
    """Consecutive predictions, or joined outcomes, of one model; predictions in log order.

    `logged_at_ms` is when the log took them, `position` their offset, of outcomes that at which both they and their
    predictions were known. `versions` says which rows are each version's, `segment` holds the tags of the predictions,
    None where one has none.
    """

    logged_at_ms: Integers
    position: Integers
    versions: Mapping[str, Integers] = field(default_factory=dict)
    segment: Mapping[str, OptionalTexts] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.position)


def _take(column: Any, rows: Integers) -> Any:
    """Some rows of a column, or of each column in a mapping."""
    if isinstance(column, Mapping):
        return {name: _take(each, rows) for name, each in column.items()}
    if isinstance(column, np.ndarray):
        return column[rows]
    return [column[row] for row in rows.tolist()] if column else column
