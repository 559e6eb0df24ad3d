"""Detection's compiled functions, ready before the first event needs them.

Where numba's cache is empty they take seconds to compile, in which a worker could answer neither Kafka nor anybody
else; from the cache they are loaded in tenths of a second.
"""

import math
from itertools import pairwise, product

import numpy as np

from driftline_detectors.columns import ErrorColumns, PredictionColumns
from driftline_detectors.model_monitor import ModelMonitor
from driftline_detectors.settings import MonitorSettings

_LEAST_REFERENCE = 500
_ROWS = 1_200
_BATCH_ROWS = (100, 120)
"""The reference ends with a batch, or within one; the last batch is a single row. Columns then lie differently in
memory, which is compiled apart."""


def warm_up() -> None:
    """Watch little models with every kind of column, past their references, so that everything has been called."""
    settings = [MonitorSettings(reference_size=_LEAST_REFERENCE, budget_days=days) for days in (None, 30.0)]
    for are_numbers, each, batch_rows in product((False, True), settings, _BATCH_ROWS):
        predictions, errors = _columns(are_numbers)
        monitor = ModelMonitor(each)
        for begin, end in pairwise([*range(0, _ROWS, batch_rows), _ROWS - 1, _ROWS]):
            monitor.observe_predictions(predictions.take(np.arange(begin, end)))
            monitor.observe_errors(errors.take(np.arange(begin, end)))


def _columns(are_numbers: bool) -> tuple[PredictionColumns, ErrorColumns]:
    """Predictions that are numbers or classes, and their errors."""
    numbers = np.arange(_ROWS)
    values, errors = np.random.default_rng(0).normal(size=(2, _ROWS))
    classes = np.where(values > 0, "up", "down").tolist()
    nothing = np.full(_ROWS, math.nan)
    return PredictionColumns(
        position=numbers,
        timestamp_ms=1000 * numbers,
        features={"value": values, "gaps": np.where(values < -1, math.nan, np.round(values)), "seldom": values},
        latency_ms=np.exp(values),
        prediction_value=values if are_numbers else nothing,
        present={"seldom": values > 0},
        texts={"text": [None if value > 1 else text for value, text in zip(values, classes, strict=True)]},
        prediction=values.astype(str).tolist() if are_numbers else classes,
    ), ErrorColumns(
        position=numbers,
        timestamp_ms=1000 * numbers,
        error=np.abs(errors) if are_numbers else (errors > 1).astype(np.float64),
        residual=errors if are_numbers else nothing,
    )
