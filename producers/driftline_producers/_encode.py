"""What the host hands over, as bytes: after this nothing that the host does to its objects changes a record."""

import math
from collections.abc import Mapping
from typing import Any, SupportsFloat

import orjson

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


def encode(document: Mapping[str, object]) -> bytes:
    """The JSON of a record. NumPy's scalars, and whatever else is a number (`Decimal`, ...), become numbers.

    >>> encode({"features": {"amount": 12.5, "age": float("nan")}})
    b'{"features":{"amount":12.5,"age":null}}'

    Raises:
        TypeError: It holds something that has no JSON form.
    """
    return orjson.dumps(document, default=_plain, option=_OPTIONS)


def count_non_finite(document: Mapping[str, Any], encoded: bytes) -> int:
    """How many features became null because they were NaN or infinite."""
    if b":null" not in encoded:  # nearly always: one search instead of a look at every value
        return 0
    features = document.get("features", {})
    return sum(isinstance(value, SupportsFloat) and not math.isfinite(value) for value in features.values())


def _plain(value: Any) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return value.__float__()  # not float(value), which would read bytes as a number
