"""A small memory of long streams: fine for what is recent, coarse for what is old."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Self

import numba
import numpy as np
from numpy.typing import NDArray

from driftline_detectors.columns import ALL, Floats, Integers, Mask
from driftline_detectors.interface import Past
from driftline_detectors.snapshots import Plain, packed, unpacked

SPACING = 8
"""Every so many values are a milestone."""

PRECISION = 8
"""A milestone at age `a` has neighbours within about `a / PRECISION` values."""

_SWEEP = 16 * SPACING
"""The old ones are forgotten each time that their stream has grown by so many values."""

_INDEX, _TOTAL = 0, 1
"""What of a milestone is where in the table (then come its offset and event time); the sum as the float's bits."""

_NONE = -1


class Milestones:
    """Remembers every 8th value of each stream, and forgets more and more of them as they age.

    Of a milestone are known its index (the values before it), their sum, its offset in the log and its event time.
    The one at index `k` lives until it is PRECISION times as old as the largest power of two that divides `k`; index 0
    lives for ever. So what is remembered is a function of the stream alone, however it is cut (sums run strictly from
    left to right), and grows with the logarithm of its length: some 80 milestones after a million values.

    All streams share their rows; each counts its own finite values, from its own last `reset`.
    """

    def __init__(self, streams: int = 0) -> None:
        self._count: Integers = np.zeros(streams, np.int64)
        self._total: Floats = np.zeros(streams)
        self._table: Integers = np.full((4, streams, 1), _NONE)
        self._end = 1
        """Columns of the table in use; in each a stream has a milestone or none, later ones further to the right."""

    def __len__(self) -> int:
        return len(self._count)

    def add_streams(self, streams: int) -> None:
        """Add streams without values."""
        self._count = np.concatenate((self._count, np.zeros(streams, np.int64)))
        self._total = np.concatenate((self._total, np.zeros(streams)))
        self._table = np.pad(self._table, ((0, 0), (0, streams), (0, 0)), constant_values=_NONE)

    def extend(self, values: Floats, finite: Mask | None, origins: Integers, streams: slice = ALL) -> None:
        """Take the next rows of these streams, (streams, rows), as far as they are `finite` (None: everywhere).

        `origins` holds offset and event time of each row, (2, rows).
        """
        room = values.shape[1] // SPACING + 1
        begin = self._room(room)
        new = self._table[:, streams, begin : begin + room]
        _extend(values, finite, origins, self._count[streams], self._total[streams], new, new[_TOTAL].view(np.float64))

    def reset(self, stream: int) -> None:
        """Forget a stream."""
        self._count[stream], self._total[stream], self._table[_INDEX, stream] = 0, 0.0, _NONE

    def _room(self, columns: int) -> int:
        """Make room for so many columns; return where they begin."""
        if self._end + columns > self._table.shape[2]:
            self._sweep(columns + _SWEEP)
        self._end += columns
        return self._end - columns

    def _sweep(self, room: int) -> None:
        """Forget what has lived too long, and leave `room` for more."""
        alive = self._alive()
        kept, lengths = self._table[:, :, : self._end][:, alive], alive.sum(axis=1)
        self._place(kept, lengths, room)

    def _place(self, kept: Integers, lengths: Integers, room: int) -> None:
        """Build the table from the milestones of all streams, one stream after the other."""
        self._end = int(lengths.max(initial=1))
        self._table = np.full((4, len(lengths), self._end + room), _NONE)
        self._table[:, :, : self._end][:, np.arange(self._end) >= self._end - lengths[:, np.newaxis]] = kept

    def _alive(self, streams: slice = ALL) -> Mask:
        index = self._table[_INDEX, streams, : self._end]
        swept = self._count[streams] - self._count[streams] % _SWEEP
        young = swept[:, np.newaxis] - index <= PRECISION * (index & -index)
        alive: Mask = (index > 0) & young | (index == 0)
        return alive

    def pasts(self, streams: slice = ALL) -> list[Past]:
        """Return what is known of these streams, with the likeliest change point of each.

        For a shift of the mean that is the one that maximises `n0 n1 (mean1 - mean0)^2`.
        """
        count, total = self._count[streams], self._total[streams]
        table = self._table[:, streams, : self._end]
        found = _likeliest(table[_INDEX], table[_TOTAL].view(np.float64), self._alive(streams), count, total)
        return list(map(Past, count.tolist(), total.tolist(), *(each.tolist() for each in found)))

    def at_or_before(self, stream: int, index: int) -> tuple[int, int]:
        """Return offset and event time of the latest milestone not after `index`; the stream must have begun."""
        table = self._table[:, stream, : self._end][:, self._alive(slice(stream, stream + 1))[0]]
        nearest = max(0, int(np.searchsorted(table[_INDEX], index, "right")) - 1)
        _, _, position, timestamp_ms = table[:, nearest].tolist()
        return position, timestamp_ms

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data; what the milestones' indices are follows from the counts."""
        kept = self._table[_TOTAL:, :, : self._end][:, self._alive()]
        return {"count": packed(self._count), "total": packed(self._total), "milestones": packed(kept)}

    @classmethod
    def restore(cls, state: Mapping[str, Any], streams: int) -> Self:
        """Return the milestones that `snapshot` described; raise LookupError, TypeError or ValueError if damaged."""
        milestones = cls(streams)
        milestones._count = unpacked(state["count"], int, streams)
        milestones._total = unpacked(state["total"], float, streams)
        if milestones._count.min(initial=0) < 0:
            raise ValueError(f"a stream of {milestones._count.min()} values")
        indices = [indices_alive(count) for count in milestones._count.tolist()]
        index = np.concatenate([np.zeros(0, np.int64), *indices])
        kept = np.concatenate((index[np.newaxis], unpacked(state["milestones"], int, 3, len(index))))
        milestones._place(kept, np.array([len(each) for each in indices], np.int64), 0)
        return milestones


@numba.njit(cache=True)
def _extend(
    values: Floats,
    finite: Mask | None,
    origins: Integers,
    count: Integers,
    total: Floats,
    new: Integers,
    new_totals: Floats,
) -> None:
    """Count and sum the values; every eighth is a milestone in one of the `new` columns."""
    for stream in range(len(values)):
        number, summed, column = count[stream], total[stream], 0
        for row in range(values.shape[1]):
            if finite is None or finite[stream, row]:
                if number % SPACING == 0:
                    new[_INDEX, stream, column], new_totals[stream, column] = number, summed
                    new[_TOTAL + 1, stream, column], new[_TOTAL + 2, stream, column] = origins[0, row], origins[1, row]
                    column += 1
                number += 1
                summed += values[stream, row]
        count[stream], total[stream] = number, summed


@numba.njit(cache=True, error_model="numpy")
def _likeliest(
    index: Integers, totals: Floats, alive: Mask, count: Integers, total: Floats
) -> tuple[Integers, Floats, Floats]:
    """The likeliest cut of each stream, and the means before and after it; 0 and NaN where there is none."""
    cuts = np.zeros(len(count), np.int64)
    befores, afters = np.full(len(count), np.nan), np.full(len(count), np.nan)
    for stream in range(len(count)):
        best = -1.0
        for column in range(index.shape[1]):
            if alive[stream, column]:
                old = np.float64(index[stream, column])
                new = count[stream] - old
                before, after = totals[stream, column] / old, (total[stream] - totals[stream, column]) / new
                likelihood = old * new * (after - before) * (after - before)
                if likelihood > best:
                    best = likelihood
                    cuts[stream], befores[stream], afters[stream] = index[stream, column], before, after
    return cuts, befores, afters


@lru_cache(1024)
def indices_alive(count: int) -> NDArray[np.int64]:
    """Return the indices that are remembered of a stream of so many values.

    >>> indices_alive(1000).tolist()[:8]
    [0, 128, 256, 384, 448, 512, 576, 640]
    """
    swept = count - count % _SWEEP
    alive = [0] if count else []
    power = SPACING
    while power < count:  # the odd multiples of each power of two
        first = max(1, -((PRECISION * power - swept) // power) | 1)
        alive.extend(range(first * power, count, 2 * power))
        power *= 2
    return np.array(sorted(alive), np.int64)
