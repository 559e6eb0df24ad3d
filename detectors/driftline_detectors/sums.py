"""Sums that do not depend on where a column was cut."""

import numpy as np
from numpy.typing import NDArray


def running_sums(start: float, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `start` and the sum after each value, added strictly from left to right.

    `np.sum` adds in pairs, so that its last bit depends on the cut; `np.cumsum` does not. A sum too large for a float
    is infinite, without a warning.

    >>> running_sums(1.0, np.array([2.0, 4.0]))
    array([1., 3., 7.])
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return np.cumsum(np.concatenate(([start], values)))
