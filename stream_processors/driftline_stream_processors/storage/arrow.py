"""Arrow columns: those of many groups as one, with one numpy or Arrow call each, and back."""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_TIME = pa.timestamp("ms", "UTC")


def numbers(columns: Iterable[NDArray[np.generic]]) -> pa.Array:
    """Columns of numbers or booleans, one after the other."""
    return pa.array(np.concatenate([*columns] or [np.empty(0)]))


def times(columns: Iterable[NDArray[np.int64]]) -> pa.Array:
    """Columns of epoch milliseconds, one after the other."""
    return pa.array(np.concatenate(list(columns)).view("datetime64[ms]"), _TIME)


def strings(columns: Iterable[Sequence[str | None]]) -> pa.Array:
    """Lists of texts, one after the other."""
    return pa.array(list(chain.from_iterable(columns)), pa.string())


def floats(columns: Iterable[Sequence[float]]) -> pa.Array:
    """Lists of floats, one after the other."""
    return pa.array(list(chain.from_iterable(columns)), pa.float64())


def integers(columns: Iterable[Sequence[int]]) -> pa.Array:
    """Lists of integers, one after the other."""
    return pa.array(list(chain.from_iterable(columns)), pa.int64())


def repeated(values: Sequence[str], lengths: Sequence[int]) -> pa.Array:
    """Each text as often as its length says, as a dictionary array."""
    codes = Codes()
    return codes.array(np.repeat(codes.of(values), lengths))


def texts(column: pa.Array | pa.ChunkedArray) -> list[str]:
    """A column of texts as a list; many times as fast as `to_pylist`."""
    values: list[str] = column.to_numpy(zero_copy_only=False).tolist()
    return values


class Codes:
    """Numbers texts in the order of their first use."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def of(self, values: Iterable[str]) -> NDArray[np.int32]:
        """The number of each text."""
        codes = self._codes
        return np.array([codes.setdefault(value, len(codes)) for value in values], np.int32)

    def array(self, codes: NDArray[np.int32]) -> pa.Array:
        """The texts that have these numbers, as a dictionary array."""
        return pa.DictionaryArray.from_arrays(codes, pa.array(list(self._codes), pa.string()))
