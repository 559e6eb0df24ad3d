"""Snapshots: state as plain data, and one way to refuse what is not a snapshot."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Plain: TypeAlias = "bool | int | float | str | bytes | list[Plain] | dict[str, Plain] | None"
"""What MessagePack carries."""


class SnapshotError(ValueError):
    """A snapshot was refused: it is damaged, of another detector, or of a format this version cannot read.

    The remedy is always the same: drop the snapshot and read the log again from its start.
    """


@contextmanager
def refusing_damage(name: str) -> Iterator[None]:
    """Turn whatever goes wrong while the state of `name` is read into a SnapshotError that says so."""
    try:
        yield
    except SnapshotError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, struct.error) as error:
        raise SnapshotError(
            f"snapshot of {name} is damaged ({type(error).__name__}: {error}); drop it and replay the log"
        ) from error


def require(name: str, field: str, found: object, expected: object) -> None:
    """Refuse a snapshot whose `field` is not the expected one.

    >>> require("adwin", "format", 1, 1)
    >>> require("adwin", "format", 7, 1)
    Traceback (most recent call last):
    driftline_detectors.snapshots.SnapshotError: snapshot of adwin has format 7, expected 1; drop it and replay the log
    """
    if found != expected:
        raise SnapshotError(
            f"snapshot of {name} has {field} {found!r}, expected {expected!r}; drop it and replay the log"
        )


def packed(values: NDArray[Any]) -> bytes:
    """Return numbers of 8 bytes as bytes, little-endian, row by row.

    >>> packed(np.array([1, 2])).hex(" ", 8)
    '0100000000000000 0200000000000000'
    """
    return values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()


def unpacked(data: bytes, kind: type[int] | type[float], *shape: int) -> NDArray[Any]:
    """Return what `packed` was given; raise TypeError or ValueError if it had another shape.

    >>> unpacked(packed(np.array([[1.0], [2.0]])), float, 2, 1).tolist()
    [[1.0], [2.0]]
    """
    little = np.frombuffer(data, "<i8" if kind is int else "<f8").reshape(shape)
    return little.astype(kind)
