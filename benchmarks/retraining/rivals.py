"""What stands beside the closed loop: other ways to keep a model, or to have none."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from river.drift import ADWIN

from benchmarks.retraining.models import right, trained
from benchmarks.retraining.streams import Stream

WINDOW_ROWS = 2_000
WAIT_ROWS = 200
CHUNK_ROWS = 50

Right = NDArray[np.bool_]
"""For every row that is served."""


def static(stream: Stream) -> Right:
    """The first version, never retrained."""
    model = trained(stream, range(stream.trained))
    return np.array(right(model, stream, range(stream.trained, len(stream))))


def naive(stream: Stream) -> Right:
    """When ADWIN sees the error rate rise: wait for 200 labels, train on the last 2,000, and serve that."""
    known = list(range(stream.trained))
    model, detector, retrain_at = trained(stream, known), _adwin(), 0
    found: list[bool] = []
    for begin in range(stream.trained, len(stream), CHUNK_ROWS):
        end = min(begin + CHUNK_ROWS, len(stream))
        found += right(model, stream, range(begin, end))
        for row in stream.due_within(begin, end):
            known.append(row)
            before = detector.estimation
            detector.update(not found[row - stream.trained])
            if detector.drift_detected and detector.estimation > before and not retrain_at:
                retrain_at = len(known) + WAIT_ROWS
        if 0 < retrain_at <= len(known):
            model, detector, retrain_at = trained(stream, known[-WINDOW_ROWS:]), _adwin(), 0
    return np.array(found)


def repeated(stream: Stream) -> Right:
    """No model: what came last comes again."""
    found, last = [], stream.labels[0]
    for row in range(stream.trained, len(stream)):
        for known in stream.due_within(row - 1, row):
            last = stream.labels[known]
        found.append(last == stream.labels[row])
    return np.array(found)


def _adwin() -> Any:
    return ADWIN()  # type: ignore[no-untyped-call]
