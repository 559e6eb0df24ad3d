"""What wrong predictions cost, of classes and of numbers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from driftline_registry import Label

Floats = NDArray[np.float64]

_ERROR_QUANTILE = 0.95


def error_bound(champion: Sequence[Label], labels: Sequence[Label]) -> float:
    """The error that counts as a whole one in a proof on numbers: 95 % of the champion's have been smaller.

    To be learned on rows before the proof and kept for all of it. 1 where no error was above zero.
    """
    errors = np.abs(np.asarray(champion, np.float64) - np.asarray(labels, np.float64))
    bound = float(np.quantile(errors, _ERROR_QUANTILE)) if len(errors) else 0.0
    return bound or float(errors.max(initial=0.0)) or 1.0


def paired_losses(
    champion: Sequence[Label], challenger: Sequence[Label], labels: Sequence[Label], bound: float | None = None
) -> tuple[Floats, Floats]:
    """The losses of both models on the same rows, each 0 to 1.

    Args:
        champion: What it predicted.
        challenger: What it predicted for the same rows.
        labels: What came true.
        bound: None for classes, whose loss is 1 where they are wrong. For numbers the loss is the absolute error
            divided by this (see `error_bound`), and never more than 1.

    >>> paired_losses(["a", "b"], ["a", "a"], ["a", "a"])
    (array([0., 1.]), array([0., 0.]))
    >>> paired_losses([1.0, 9.0], [2.0, 3.0], [1.0, 3.0], bound=4.0)
    (array([0., 1.]), array([0.25, 0.  ]))
    """

    def losses(predictions: Sequence[Label]) -> Floats:
        pairs = zip(predictions, labels, strict=True)
        if bound is None:
            return np.array([float(prediction != label) for prediction, label in pairs])
        return np.array([min(abs(float(prediction) - float(label)) / bound, 1.0) for prediction, label in pairs])

    return losses(champion), losses(challenger)
