"""What one prediction costs."""

import statistics
import time

from driftline_registry import LoadedModel
from driftline_retrain_service.rows.live import LiveRows
from driftline_retrain_service.rows.values import features_of

_MOST_ROWS = 30


def latency_ms(model: LoadedModel, rows: LiveRows) -> float | None:
    """The median CPU time of predicting one row, in milliseconds, on some of the rows; None without any.

    CPU time, since both models of a comparison may be measured on a machine that is busy with something else.
    """
    taken: list[float] = []
    for numbers, categories in zip(rows.numbers[:_MOST_ROWS], rows.categories, strict=False):
        features = features_of(numbers, categories, model.manifest)
        began = time.thread_time()
        model.predict(features)
        taken.append(1000 * (time.thread_time() - began))
    return statistics.median(taken) if taken else None
