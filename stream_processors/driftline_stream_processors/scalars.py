"""Scalars of the wire as ClickHouse stores them."""

import math

Scalar = bool | float | str


def as_text(value: Scalar) -> str:
    """A class or tag as text; whole numbers without a point.

    >>> as_text(True), as_text(3.0), as_text(0.25), as_text("ok")
    ('true', '3', '0.25', 'ok')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def as_number(value: Scalar | None) -> float:
    """A number as itself; NaN for what is not a number.

    >>> as_number(2.5), as_number("ok")
    (2.5, nan)
    """
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan


def or_nan(value: float | None) -> float:
    """The value, or NaN where it is absent."""
    return math.nan if value is None else value
