"""Arrow columns: those of many groups as one, with one numpy or Arrow call each, and back.

They are made of buffers: `pa.array` looks whether it was given something of pandas, and imports it for that, which
costs a worker a second and 60 MiB.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_TIME = pa.timestamp("ms", "UTC")
_FROM_START = np.zeros(1, np.int64)


def array(values: NDArray[np.generic]) -> pa.Array:
    """Numbers or booleans; the memory of numbers is shared."""
    kind = pa.from_numpy_dtype(values.dtype)
    buffer = _bits(values) if values.dtype == np.bool_ else pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(kind, len(values), [None, buffer])


def numbers(columns: Iterable[NDArray[np.generic]]) -> pa.Array:
    """Columns of numbers or booleans, one after the other."""
    return array(np.concatenate([*columns] or [np.empty(0)]))


def times(columns: Iterable[NDArray[np.int64]]) -> pa.Array:
    """Columns of epoch milliseconds, one after the other."""
    values = np.concatenate(list(columns))
    return pa.Array.from_buffers(_TIME, len(values), [None, pa.py_buffer(values)])


def strings(columns: Iterable[Sequence[str | None]]) -> pa.Array:
    """Lists of texts, one after the other."""
    texts: list[Any] = list(chain.from_iterable(columns))
    present = None
    if None in texts:
        present = np.array([text is not None for text in texts])
        texts = [text or "" for text in texts]
    joined = "".join(texts)
    sizes = map(len, texts) if joined.isascii() else (len(text.encode()) for text in texts)
    ends = np.cumsum(np.fromiter(sizes, np.int64, len(texts)))
    buffers = [pa.py_buffer(np.concatenate([_FROM_START, ends])), pa.py_buffer(joined.encode())]
    return pa.Array.from_buffers(pa.large_string(), len(texts), [_bits(present), *buffers])


def _bits(mask: NDArray[Any] | None) -> pa.Buffer | None:
    return None if mask is None else pa.py_buffer(np.packbits(mask, bitorder="little"))


def blob(value: bytes) -> pa.Array:
    """One row of bytes."""
    ends = np.array([0, len(value)])
    return pa.Array.from_buffers(pa.large_binary(), 1, [None, pa.py_buffer(ends), pa.py_buffer(value)])


def floats(columns: Iterable[Sequence[float]]) -> pa.Array:
    """Lists of floats, one after the other."""
    return array(np.fromiter(chain.from_iterable(columns), np.float64))


def integers(columns: Iterable[Sequence[int]]) -> pa.Array:
    """Lists of integers, one after the other."""
    return array(np.fromiter(chain.from_iterable(columns), np.int64))


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
        return pa.DictionaryArray.from_arrays(array(codes), strings([list(self._codes)]))
