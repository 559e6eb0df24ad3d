"""How many rows are worth one: outcomes that resemble those before them say less than so many independent ones."""

from collections.abc import Mapping
from typing import Self

from pydantic import JsonValue

_MOST = 0.8
"""A change in the middle of the rows looks like autocorrelation near 1, and must still be found."""
_LEAST_VARIANCE = 1e-9  # below it is nothing but rounding


class Autocorrelation:
    """The correlation of each value with the one before it, from running sums.

    Source: Bayley and Hammersley, "The 'effective' number of independent observations in an autocorrelated time
    series", JRSS Supplement 8 (1946), for a series in which each value depends on the last one only.

    >>> import random
    >>> chance, moods, coins = random.Random(0), Autocorrelation(), Autocorrelation()
    >>> mood = 0.0
    >>> for _ in range(2000):
    ...     mood = mood if chance.random() < 0.8 else float(chance.random() < 0.5)
    ...     moods.take(mood)
    ...     coins.take(float(chance.random() < 0.5))
    >>> round(moods.rows_per_independent), round(coins.rows_per_independent)
    (9, 1)
    """

    def __init__(self) -> None:
        self._rows = 0
        self._total = self._squares = self._products = self._last = 0.0

    def take(self, value: float) -> None:
        """Take the next value."""
        self._rows += 1
        self._total += value
        self._squares += value * value
        self._products += value * self._last
        self._last = value

    @property
    def rows_per_independent(self) -> float:
        """So many rows say as much about the mean as one would if rows were independent; 1 to 9.

        Values that alternate are not held to say more.
        """
        if self._rows < 2:
            return 1.0
        mean = self._total / self._rows
        variance = self._squares / self._rows - mean * mean
        if variance < _LEAST_VARIANCE:
            return 1.0
        covariance = self._products / (self._rows - 1) - mean * mean
        correlation = min(max(covariance / variance, 0.0), _MOST)
        return (1 + correlation) / (1 - correlation)

    def snapshot(self) -> dict[str, JsonValue]:
        """Return the whole state as what JSON can hold."""
        return {
            "rows": self._rows,
            "total": self._total,
            "squares": self._squares,
            "products": self._products,
            "last": self._last,
        }

    @classmethod
    def restore(cls, state: Mapping[str, JsonValue]) -> Self:
        """Return what `snapshot` described; raise ValueError if it is none."""
        match state:
            case {
                "rows": int(rows),
                "total": float(total),
                "squares": float(squares),
                "products": float(products),
                "last": float(last),
            }:
                found = cls()
                found._rows, found._total, found._squares = rows, total, squares
                found._products, found._last = products, last
                return found
        raise ValueError(f"not the autocorrelation of a proof: it has {sorted(state)}")
