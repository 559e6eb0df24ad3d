"""What a monitor reads: columns whose row i is the caller's record i."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
"""Values whose order matters, and not their last digits."""
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

ALL = slice(None)
"""All streams of a matrix with one column per stream."""


@dataclass(frozen=True, slots=True)
class PredictionColumns:
    """Consecutive predictions of one version of one model, in log order; every column has one length.

    `features` holds the numeric features; NaN is a null. A feature that not every row has carries a mask in
    `present`; without one it is present in every row. `latency_ms` is NaN where absent, `prediction_value` NaN for
    classes. `position` is the row's offset in the log, `timestamp_ms` its event time.
    """

    position: Integers
    timestamp_ms: Integers
    features: Mapping[str, Floats]
    latency_ms: Floats
    prediction_value: Floats
    present: Mapping[str, Mask] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ErrorColumns:
    """Consecutive joined outcomes of one version of one model, in log order; every column has one length.

    `error` is 0 or 1 for a class and the absolute error for a number; a NaN (no judgement) is skipped. `residual` is
    prediction minus label for a number and NaN for a class: it tells the two apart, row by row. `position` is the
    outcome's offset in the log, `timestamp_ms` the event time by which the caller wants errors ordered and reported.
    """

    position: Integers
    timestamp_ms: Integers
    error: Floats
    residual: Floats
