"""The Shiryaev-Roberts recursion over many streams at once."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numba
import numpy as np

from driftline_detectors.columns import Floats, Integers, Mask
from driftline_detectors.snapshots import Plain, packed, unpacked


class Since(NamedTuple):
    """Where a change most likely began: after the row with this offset and event time.

    `width` counts the values seen after it, `mean` is theirs.
    """

    width: int
    mean: float
    position: int
    timestamp_ms: int


class _State(NamedTuple):
    """Arrays that begin with the subjects."""

    evidence: Floats
    """R, (subjects, alternatives)."""
    rise: Floats
    """Product of the ratios since it was lowest, likewise."""
    since: Floats
    """Offset and event time of that row, number and sum of the values up to it, (subjects, alternatives, 4)."""
    seen: Floats
    """Number and sum of the values since the last reset, (subjects, streams, 2)."""


class ShiryaevRoberts:
    """Evidence `R` that one of many streams has changed at some time.

    A subject (a feature) has several streams (its value, its null rate), and each of them several alternatives, ways to
    change; `stream_of` says which alternative is whose, and `weights`, which sum to 1, what it counts. A row brings the
    alternatives' likelihood ratios `L` against "no change"; their mean without a change must be at most 1. Then
    `R <- (R + t) L` is the sum of the evidence for a change before each row, and grows by at most `t` on average, the
    time that passed before the row: for the weighted mean of all, however they depend on each other, the mean time
    until it first reaches A is at least A. Time is counted in whatever unit: in rows (t = 1) or in days.

    Also kept is where each alternative's path of log ratios was lowest: the most likely beginning of the change.

    >>> doubled = ShiryaevRoberts(1, [0], [1.0])
    >>> rows = np.zeros((5, 1, 1))
    >>> doubled.extend(rows + 2.0, rows == 0, rows, np.zeros((2, 5), np.int64), np.ones(5), 30.0)
    3
    >>> float(doubled.mean)
    30.0

    Sources: J. Shin, A. Ramdas, A. Rinaldo, "E-detectors: a nonparametric framework for sequential change detection",
    2022 (arXiv 2203.03532); M. Pollak, "Optimal detection of a change in distribution", Annals of Statistics 13, 1985.
    """

    def __init__(self, subjects: int, stream_of: Sequence[int], weights: Sequence[float]) -> None:
        self._stream_of = np.array(stream_of)
        self._weights: Floats = np.array(weights)
        self._streams = int(self._stream_of.max()) + 1
        self._state = self._nothing(subjects)
        self.mean = 0.0
        """The evidence after the last row."""

    def _nothing(self, subjects: int) -> _State:
        shape = (subjects, len(self._weights))
        return _State(np.zeros(shape), np.zeros(shape), np.zeros((*shape, 4)), np.zeros((subjects, self._streams, 2)))

    def add_subjects(self, subjects: int) -> None:
        """Add subjects without evidence, at the next row."""
        pairs = zip(self._state, self._nothing(subjects), strict=True)
        self._state = _State(*(np.concatenate(pair) for pair in pairs))

    def extend(
        self, ratios: Floats, seen: Mask, values: Floats, origins: Integers, time: Floats, limit: float
    ) -> int | None:
        """Take the next rows up to the first after which `mean` reaches `limit`; return its index, None without one.

        Args:
            ratios: (rows, subjects, alternatives).
            seen: In which rows each stream takes part, (rows, subjects, streams).
            values: What the ratios were made of, for the mean after a change, likewise.
            origins: Offset and event time of each row, (2, rows).
            time: How much passed before each row, 0 or more.
            limit: In units of `time`, above 0.
        """
        if not len(ratios):
            return None
        row, self.mean = _extend(
            ratios, seen, values, origins, time, limit, self._stream_of, self._weights, *self._state
        )
        return None if row < 0 else row

    def shares(self) -> Floats:
        """What each stream adds to the mean, (subjects, streams)."""
        weighted = self._state.evidence * self._weights
        shares = np.zeros((len(weighted), self._streams))
        for alternative, stream in enumerate(self._stream_of):
            shares[:, stream] += weighted[:, alternative]
        return shares / max(1, len(weighted))

    def since(self, subject: int, stream: int) -> Since:
        """Where the change of a stream most likely began, by the alternative with the most evidence."""
        evidence = np.where(self._stream_of == stream, self._state.evidence[subject], -1.0)
        position, timestamp_ms, count, total = self._state.since[subject, int(evidence.argmax())].tolist()
        width, rest = (self._state.seen[subject, stream] - (count, total)).tolist()
        return Since(int(width), rest / width if width else float("nan"), int(position), int(timestamp_ms))

    def reset(self, subject: int) -> None:
        """Forget the evidence of a subject."""
        for array, nothing in zip(self._state, self._nothing(1), strict=True):
            array[subject] = nothing[0]

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        return {"mean": self.mean, "arrays": [packed(array) for array in self._state]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over what `snapshot` of as many subjects gave; raise LookupError, TypeError or ValueError if damaged."""
        pairs = zip(state["arrays"], self._state, strict=True)
        self._state = _State(*(unpacked(data, float, *like.shape) for data, like in pairs))
        self.mean = float(state["mean"])


@numba.njit(cache=True)
def _extend(
    ratios: Floats,
    seen: Mask,
    values: Floats,
    origins: Integers,
    time: Floats,
    limit: float,
    stream_of: Integers,
    weights: Floats,
    evidence: Floats,
    rise: Floats,
    since: Floats,
    counts: Floats,
) -> tuple[int, float]:
    """The recursion, row by row; return the row at which the limit was reached (-1: none), and the last mean."""
    rows, subjects, alternatives = ratios.shape
    mean = 0.0
    for row in range(rows):
        total = 0.0
        for subject in range(subjects):
            for alternative in range(alternatives):
                stream = stream_of[alternative]
                if seen[row, subject, stream]:
                    ratio = ratios[row, subject, alternative]
                    if rise[subject, alternative] <= 1.0:
                        rise[subject, alternative] = 1.0
                        where = since[subject, alternative]
                        where[0], where[1] = origins[0, row], origins[1, row]
                        where[2], where[3] = counts[subject, stream, 0], counts[subject, stream, 1]
                    rise[subject, alternative] *= ratio
                    evidence[subject, alternative] = (evidence[subject, alternative] + time[row]) * ratio
                total += weights[alternative] * evidence[subject, alternative]
            for stream in range(counts.shape[1]):
                if seen[row, subject, stream]:
                    counts[subject, stream, 0] += 1.0
                    counts[subject, stream, 1] += values[row, subject, stream]
        mean = total / subjects
        if not mean < limit:
            return row, mean
    return -1, mean
