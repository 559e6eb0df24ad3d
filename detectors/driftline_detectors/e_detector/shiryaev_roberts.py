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
    change; `stream_of` says which alternative is whose, and `weights`, which sum to 1, what it
    counts. A row brings the alternatives' likelihood ratios `L` against "no change"; their mean without a change must
    be at most 1. Then `R <- (R + t) L` is the sum of the evidence for a change before each row, and grows by at most
    `t` on average, the time that passed before the row: for the weighted mean of all, however they depend on each
    other, the mean time until it first reaches A is at least A. Time is counted in any unit: rows (t = 1) or days.

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
        self._place()
        self.mean = 0.0
        """The evidence after the last row."""

    def _nothing(self, subjects: int) -> _State:
        shape = (subjects, len(self._weights))
        return _State(np.zeros(shape), np.zeros(shape), np.zeros((*shape, 4)), np.zeros((subjects, self._streams, 2)))

    def _place(self) -> None:
        """Write down, for all alternatives of all subjects side by side, whose each is and what it counts."""
        subjects = len(self._state.rise)
        self._streams_side_by_side: Integers = (
            np.arange(subjects)[:, np.newaxis] * self._streams + self._stream_of
        ).ravel()
        self._weights_side_by_side: Floats = np.tile(self._weights / max(1, subjects), subjects)

    def add_subjects(self, subjects: int) -> None:
        """Add subjects without evidence, at the next row."""
        pairs = zip(self._state, self._nothing(subjects), strict=True)
        self._state = _State(*(np.concatenate(pair) for pair in pairs))
        self._place()

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
        rows, lowest = len(ratios), np.full(self._state.rise.shape, _NOT_HERE)
        end, self.mean = _extend(
            ratios.reshape(rows, -1),
            seen.reshape(rows, -1),
            time,
            limit,
            self._streams_side_by_side,
            self._weights_side_by_side,
            self._state.evidence.reshape(-1),
            self._state.rise.reshape(-1),
            lowest.reshape(-1),
        )
        _remember(seen[:end], values[:end], origins, self._stream_of, lowest, self._state.seen, self._state.since)
        return end - 1 if not self.mean < limit else None

    def shares(self) -> Floats:
        """What each stream adds to the mean, (subjects, streams)."""
        shares = np.zeros(self._state.seen.shape[:2])
        _share(self._state.evidence, self._weights, self._stream_of, shares)
        return shares / max(1, len(shares))

    def since(self, subject: int, stream: int) -> Since:
        """Where the change of a stream most likely began, by the alternative with the most evidence."""
        widths, means, where = self._since(np.array([subject]), np.array([stream]))
        position, timestamp_ms = where[0].tolist()
        return Since(int(widths[0]), float(means[0]), int(position), int(timestamp_ms))

    def widths_and_means(self, streams: Integers) -> tuple[list[int], list[float]]:
        """The same figures for one stream of every subject."""
        widths, means, _ = self._since(np.arange(len(streams)), streams)
        return widths.astype(np.int64).tolist(), means.tolist()

    def _since(self, subjects: Integers, streams: Integers) -> tuple[Floats, Floats, Floats]:
        """Numbers and means of the values since then, and offsets with event times, (subjects, 2)."""
        theirs = self._stream_of == streams[:, np.newaxis]
        likeliest = np.where(theirs, self._state.evidence[subjects], -1.0).argmax(axis=1)
        since = self._state.since[subjects, likeliest]
        widths, totals = (self._state.seen[subjects, streams] - since[:, 2:]).T
        means = np.divide(totals, widths, out=np.full(len(widths), np.nan), where=widths > 0)
        return widths, means, since[:, :2]

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


_NOT_HERE = -1


@numba.njit(cache=True)
def _extend(
    ratios: Floats,
    seen: Mask,
    time: Floats,
    limit: float,
    stream_of: Integers,
    weights: Floats,
    evidence: Floats,
    rise: Floats,
    lowest: Integers,
) -> tuple[int, float]:
    """The recursion, row by row; return the end of the rows taken, the last of which may have reached the limit.

    All alternatives of all subjects are side by side, and those of streams that are not seen take part without effect:
    so the compiler handles several at once, six times as fast. `lowest` gets the row at which a path was lowest.
    """
    rows, alternatives = ratios.shape
    taking_part = np.zeros(alternatives)
    mean = 0.0
    for row in range(rows):
        as_before = row > 0
        for stream in range(seen.shape[1] if as_before else 0):
            as_before &= seen[row, stream] == seen[row - 1, stream]
        if not as_before:
            for each in range(alternatives):
                taking_part[each] = 1.0 if seen[row, stream_of[each]] else 0.0
        passed, now = time[row], ratios[row]
        for each in range(alternatives):
            ratio = now[each] if taking_part[each] > 0.0 else 1.0
            lowest[each] = row if rise[each] <= 1.0 else lowest[each]
            rise[each] = max(rise[each], 1.0) * ratio
            evidence[each] = (evidence[each] + passed * taking_part[each]) * ratio
        mean = _weighted(evidence, weights)
        if not mean < limit:
            return row + 1, mean
    return rows, mean


@numba.njit(cache=True)
def _weighted(evidence: Floats, weights: Floats) -> float:
    """A sum in four parts, in the same order on every machine."""
    first, second, third, fourth = 0.0, 0.0, 0.0, 0.0
    for quarter in range(len(evidence) // 4):
        each = 4 * quarter
        first += weights[each] * evidence[each]
        second += weights[each + 1] * evidence[each + 1]
        third += weights[each + 2] * evidence[each + 2]
        fourth += weights[each + 3] * evidence[each + 3]
    for each in range(len(evidence) // 4 * 4, len(evidence)):
        first += weights[each] * evidence[each]
    return (first + second) + (third + fourth)


@numba.njit(cache=True)
def _remember(
    seen: Mask, values: Floats, origins: Integers, stream_of: Integers, lowest: Integers, counts: Floats, since: Floats
) -> None:
    """Count and sum the values of each stream, and write down where the paths were lowest that were so among these."""
    rows, subjects, streams = seen.shape
    before = np.empty((rows, 2))
    for subject in range(subjects):
        for stream in range(streams):
            number, total = counts[subject, stream]
            for row in range(rows):
                before[row, 0], before[row, 1] = number, total
                if seen[row, subject, stream]:
                    number += 1.0
                    total += values[row, subject, stream]
            counts[subject, stream, 0], counts[subject, stream, 1] = number, total
            for alternative in range(len(stream_of)):
                row, where = lowest[subject, alternative], since[subject, alternative]
                if stream_of[alternative] == stream and row != _NOT_HERE:
                    where[0], where[1] = origins[0, row], origins[1, row]
                    where[2], where[3] = before[row, 0], before[row, 1]


@numba.njit(cache=True)
def _share(evidence: Floats, weights: Floats, stream_of: Integers, into: Floats) -> None:
    for subject in range(len(evidence)):
        for alternative in range(len(stream_of)):
            into[subject, stream_of[alternative]] += evidence[subject, alternative] * weights[alternative]
