"""Values of a category that its reference never had."""

from copy import copy
from typing import Any, NamedTuple, Self

import numpy as np

from driftline_detectors.columns import Integers, Mask
from driftline_detectors.snapshots import Plain, packed, unpacked

MAX_KNOWN = 1024
"""A reference with more different values than this has a new one all the time."""

_KEPT = 256
"""So many of the latest ones are remembered."""


class Newcomer(NamedTuple):
    """The most frequent of them lately: how many times it came, and its share of all values since it did first."""

    code: int
    times: int
    share: float


class Unseen:
    """Remembers which values came that the reference never had, and when.

    >>> codes = np.array([1, 3, 2, 3, 4, 1])
    >>> unseen = Unseen.learn(np.array([1, 2])).extended(codes, codes != 1)
    >>> unseen.most(5)
    Newcomer(code=3, times=2, share=0.4)
    """

    def __init__(self, known: Integers) -> None:
        self._known = known
        """The codes of the reference in ascending order; too many of them stand for any code."""
        self._count = 0
        """Values after the reference."""
        self._numbers: Integers = np.zeros(0, np.int64)
        self._codes: Integers = np.zeros(0, np.int64)
        """The latest unseen ones, and how many values came before each."""

    @classmethod
    def learn(cls, codes: Integers) -> Self:
        """Return what is to come after a reference with these codes, in ascending order."""
        return cls(codes[: MAX_KNOWN + 1])

    def extended(self, codes: Integers, perhaps: Mask) -> Self:
        """Return what it is after the next values, of which these may be unseen; this one stays as it is."""
        after = copy(self)
        after._count += len(codes)
        asked = np.flatnonzero(perhaps) if len(self._known) <= MAX_KNOWN else ()
        if len(asked):
            new = asked[~np.isin(codes[asked], self._known)]
            after._numbers = np.concatenate((self._numbers, self._count + new))[-_KEPT:]
            after._codes = np.concatenate((self._codes, codes[new]))[-_KEPT:]
        return after

    def most(self, width: int) -> Newcomer | None:
        """The most frequent one among the latest `width` values, as far as they are remembered."""
        lately = self._numbers >= self._count - width
        if not lately.any():
            return None
        codes, firsts, counts = np.unique(self._codes[lately], return_index=True, return_counts=True)
        most = counts.argmax()
        since = self._count - self._numbers[lately][firsts[most]]
        return Newcomer(int(codes[most]), int(counts[most]), float(counts[most] / since))

    def snapshot(self) -> list[Plain]:
        """Return the whole state as plain data."""
        return [packed(self._known), self._count, packed(self._numbers), packed(self._codes)]

    @classmethod
    def restore(cls, state: list[Any]) -> Self:
        """Return what `snapshot` described; raise LookupError, TypeError or ValueError if it is damaged."""
        known, count, numbers, codes = state
        unseen = cls(unpacked(known, int, -1))
        unseen._count, unseen._numbers = int(count), unpacked(numbers, int, -1)
        unseen._codes = unpacked(codes, int, len(unseen._numbers))
        return unseen
