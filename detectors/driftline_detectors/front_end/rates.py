"""How often features are missing, and repeat themselves: what is to stay rare, of all features at once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numba
import numpy as np

from driftline_detectors.columns import ALL, Floats, Integers, Mask, Singles
from driftline_detectors.e_detector.likelihoods import rate_ratios
from driftline_detectors.front_end.measured import NULL, NULL_ODDS, REPEAT, REPEAT_ODDS, STREAM_OF, VALUE, Measured
from driftline_detectors.snapshots import Plain, packed, unpacked

_ODDS: Final = (NULL_ODDS, REPEAT_ODDS)
_NAMES: Final = ("nulls", "repeats")
_NULLS, _REPEATS = 0, 1
"""The rates of each feature."""

_FIRST_NULL, _FIRST_REPEAT = STREAM_OF.index(NULL), STREAM_OF.index(REPEAT)

_PRIOR = 10
"""So many rows the rate as a whole counts in the two that know the row before."""

_COMMON, _LEEWAY = 0.1, 4.0
"""Where more values than this repeat the one before, their odds may become so much higher without anybody being told: a
flag that is set less often than it was repeats itself more often, too."""

_LARGEST = float(np.finfo(np.float32).max)


class Finite(NamedTuple):
    """The finite values of features, (features, rows).

    Of each feature the first `counts` are meant: `values` in single precision, the `rows` in which they are, whether
    they equal the one before (`repeats`). `nulls` are the other rows.
    """

    counts: Integers
    values: Singles
    rows: Integers
    repeats: Mask
    nulls: Mask

    def of(self, feature: int) -> tuple[Singles, Integers]:
        """Values and rows of one feature."""
        count = self.counts[feature]
        return self.values[feature, :count], self.rows[feature, :count]


class Rates:
    """The rates of nulls and of repetitions in a reference window, against higher ones.

    Each is known after rows with the event and after rows without it: events often come in bursts, and those of the
    reference are no news. The rate of nulls is watched of features that are `nullable`.
    """

    def __init__(self, nullable: Sequence[bool] = ()) -> None:
        features = len(nullable)
        self._nullable: Mask = np.array(nullable, np.bool_)
        self._last: Singles = np.full(features, np.nan, np.float32)
        self._counts: Integers = np.zeros((features, len(_ODDS), 2, 2), np.int64)
        """Rows of the reference: after a row without and with the event, without and with it."""
        self._happened: Mask = np.zeros((features, len(_ODDS)), np.bool_)
        """Whether the latest row had the event."""
        self._ratios: Floats = np.full((features, len(_ODDS), 4, len(NULL_ODDS)), np.nan)
        """Likelihood ratios in the order of the counts; NaN until they are asked for."""

    def add(self, nullable: Sequence[bool]) -> None:
        """Add features without a past."""
        for name, more in vars(Rates(nullable)).items():
            setattr(self, name, np.concatenate((getattr(self, name), more)))

    def reset(self, feature: int, nullable: bool) -> None:
        """Forget a feature; another one takes its place."""
        self.take(feature, Rates([nullable]), 0)

    def take(self, feature: int, other: "Rates", its: int) -> None:
        """Let a feature be as one of others was."""
        for name, array in vars(self).items():
            array[feature] = getattr(other, name)[its]

    def finite(self, values: Floats, features: slice = ALL) -> Finite:
        """Take the next rows of these features, (features, rows); return what of them is finite."""
        return Finite(*_finite(values, self._last[features]))

    def learn(self, feature: int, nulls: Mask, repeats: Mask) -> None:
        """Take rows, and values, of the reference window."""
        learned = {_NULLS: nulls, _REPEATS: repeats} if self._nullable[feature] else {_REPEATS: repeats}
        for rate, events in learned.items():
            before = np.concatenate((self._happened[feature, rate, np.newaxis], events))
            self._happened[feature, rate] = before[-1]
            self._counts[feature, rate] += np.bincount(2 * before[:-1] + events, minlength=4).reshape(2, 2)

    def tell(self, into: Measured, finite: Finite, begins: Integers, features: slice) -> None:
        """Write down values, nulls and repetitions after the reference windows, with the ratios of the two rates.

        Args:
            into: Where the rows of these features belong.
            finite: What `finite` returned.
            begins: The first value and the first row of each feature that are meant, (features, 2).
            features: These.
        """
        ratios = self._ratios[features]
        for each in np.flatnonzero((begins[:, 1] < finite.nulls.shape[1]) & np.isnan(ratios[:, 0, 0, 0])).tolist():
            for rate, odds in enumerate(_ODDS):
                counts = self._counts[features][each, rate]
                leeway = _LEEWAY if rate == _REPEATS and _rate(counts) > _COMMON else 1.0
                ratios[each, rate] = _rate_ratios(odds, counts, leeway)
        nullable, happened = self._nullable[features], self._happened[features]
        counts, values, rows, repeats, nulls = finite
        _tell(*into, counts, values, rows, repeats, nulls, begins, nullable, ratios, happened)

    def before(self, feature: int, stream: int) -> float:
        """The rate NULL or REPEAT in the reference window."""
        return _rate(self._counts[feature, {NULL: _NULLS, REPEAT: _REPEATS}[stream]])

    def snapshot(self, feature: int) -> dict[str, Plain]:
        """Return what is known of a feature as plain data."""
        rates: dict[str, Plain] = {
            name: {
                "odds": list(odds),
                "counts": packed(self._counts[feature, rate]),
                "last": bool(self._happened[feature, rate]),
            }
            for rate, (name, odds) in enumerate(zip(_NAMES, _ODDS, strict=True))
        }
        return rates | {"last": float(self._last[feature])}

    def restore(self, feature: int, state: Mapping[str, Any]) -> None:
        """Take over what `snapshot` gave; raise LookupError, TypeError or ValueError if it is damaged."""
        self._last[feature] = state["last"]
        for rate, (name, odds) in enumerate(zip(_NAMES, _ODDS, strict=True)):
            counts = unpacked(state[name]["counts"], int, 2, 2)
            if counts.min() < 0 or tuple(state[name]["odds"]) != odds:
                raise ValueError(f"a rate of {counts.tolist()} rows, and odds of {state[name]['odds']!r}")
            self._counts[feature, rate], self._happened[feature, rate] = counts, bool(state[name]["last"])


def _rate(counts: Integers) -> float:
    return float(counts[:, 1].sum() / max(1, counts.sum()))


def _rate_ratios(odds: tuple[float, ...], counts: Integers, leeway: float) -> Floats:
    rows, found = counts.sum(axis=1), counts[:, 1] + _PRIOR * _rate(counts)
    return np.concatenate([rate_ratios(odds, *each, leeway) for each in zip(found, rows + _PRIOR, strict=True)])


@numba.njit(cache=True)
def _finite(values: Floats, last: Singles) -> tuple[Integers, Singles, Integers, Mask, Mask]:
    """The members of Finite; `last` is the latest value of each feature."""
    shape = values.shape
    counts, rows = np.zeros(shape[0], np.int64), np.empty(shape, np.int64)
    singles, repeats, nulls = np.empty(shape, np.float32), np.empty(shape, np.bool_), np.empty(shape, np.bool_)
    for feature in range(shape[0]):
        found, before = 0, last[feature]
        for row in range(shape[1]):
            value = values[feature, row]
            nulls[feature, row] = not np.isfinite(value)
            if not nulls[feature, row]:
                single = np.float32(min(max(value, -_LARGEST), _LARGEST))
                rows[feature, found], singles[feature, found] = row, single
                repeats[feature, found] = single == before
                before = single
                found += 1
        counts[feature], last[feature] = found, before
    return counts, singles, rows, repeats, nulls


@numba.njit(cache=True)
def _tell(
    ratios: Floats,
    seen: Mask,
    told: Floats,
    counts: Integers,
    values: Singles,
    rows: Integers,
    repeats: Mask,
    nulls: Mask,
    begins: Integers,
    nullable: Mask,
    tables: Floats,
    happened: Mask,
) -> None:
    """Write down values and repetitions, then nulls; `happened` says whether the row before had the event."""
    for feature in range(len(counts)):
        before = happened[feature, _REPEATS]
        for number in range(begins[feature, 0], counts[feature]):
            row, repeat = rows[feature, number], repeats[feature, number]
            told[row, feature, VALUE], told[row, feature, REPEAT] = values[feature, number], repeat
            seen[row, feature, VALUE], seen[row, feature, REPEAT] = True, True
            _copy(tables[feature, _REPEATS, 2 * int(before) + int(repeat)], ratios[row, feature, _FIRST_REPEAT:])
            before = repeat
        happened[feature, _REPEATS], before = before, happened[feature, _NULLS]
        for row in range(begins[feature, 1] if nullable[feature] else nulls.shape[1], nulls.shape[1]):
            null = nulls[feature, row]
            told[row, feature, NULL], seen[row, feature, NULL] = null, True
            _copy(tables[feature, _NULLS, 2 * int(before) + int(null)], ratios[row, feature, _FIRST_NULL:])
            before = null
        happened[feature, _NULLS] = before


@numba.njit(cache=True)
def _copy(ratios: Floats, into: Floats) -> None:
    for each in range(len(ratios)):
        into[each] = ratios[each]
