"""Values of one stream, each with where it came from."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from driftline_detectors.columns import Floats, Integers


@dataclass(frozen=True, slots=True)
class Samples:
    """Columns of one length: the rows of the batch that the values stand in, their log offsets and event times."""

    values: Floats
    rows: Integers
    position: Integers
    timestamp_ms: Integers

    def take(self, which: slice | NDArray[np.bool_]) -> Self:
        """Return the samples that a slice or a mask selects."""
        return type(self)(self.values[which], self.rows[which], self.position[which], self.timestamp_ms[which])

    def finite(self) -> Self:
        """Return the samples without nulls."""
        mask = np.isfinite(self.values)
        return self if mask.all() else self.take(mask)
