"""What is told of each row of a feature, and its evidence."""

from typing import NamedTuple, Self

import numpy as np

from driftline_detectors.columns import Floats, Mask
from driftline_detectors.e_detector.likelihoods import VALUE_ALTERNATIVES

VALUE, NULL, REPEAT = 0, 1, 2
"""What of a feature can change: its value, the rate of rows without one, that of values equal to the one before."""

STREAMS = (VALUE, NULL, REPEAT)

NULL_ODDS = (2.0, 5.0, 20.0, 100.0)
REPEAT_ODDS = (20.0, 100.0, 500.0, 2500.0)
"""Alternatives for the two rates, as factors of the odds: nulls become more, but what is frozen always repeats."""

STREAM_OF = (*[VALUE] * VALUE_ALTERNATIVES, *[NULL] * len(NULL_ODDS), *[REPEAT] * len(REPEAT_ODDS))
"""Which of them each alternative is about."""


class Measured(NamedTuple):
    """Likelihood ratios of rows, in which rows each stream is seen, and what they were made of.

    `ratios` is (rows, features, alternatives); `seen` and `told` are (rows, features, streams), rates told as 0 or 1.
    Where a stream is not seen, nothing is meant by its ratios and what is told.
    """

    ratios: Floats
    seen: Mask
    told: Floats

    @classmethod
    def unseen(cls, rows: int, features: int) -> Self:
        """Nothing yet."""
        streams = (rows, features, len(STREAMS))
        return cls(np.empty((rows, features, len(STREAM_OF))), np.zeros(streams, np.bool_), np.empty(streams))

    def part(self, begin: int, features: slice) -> "Measured":
        """The rows of these features from there on."""
        return Measured(self.ratios[begin:, features], self.seen[begin:, features], self.told[begin:, features])
