"""Snapshots: state as plain JSON, and one way to refuse what is not a snapshot."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"


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
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
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


def number(value: float) -> float | str:
    """Return a float as JSON can carry it: itself, or "inf", "-inf", "nan"; `float()` reads both back.

    >>> number(0.1), number(math.inf)
    (0.1, 'inf')
    """
    return value if math.isfinite(value) else repr(value)
