"""What hosts and files hand over, as JSON."""

from collections.abc import Mapping
from typing import Any

import orjson

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


def encode(document: Mapping[str, object]) -> bytes:
    """The JSON of a record. NumPy's scalars, and whatever else is a number (`Decimal`, ...), become numbers.

    >>> encode({"features": {"amount": [12.5, 8.0], "age": [float("nan"), 31]}})
    b'{"features":{"amount":[12.5,8.0],"age":[null,31]}}'

    Raises:
        TypeError: It holds something that has no JSON form.
    """
    return orjson.dumps(document, default=_plain, option=_OPTIONS)


def _plain(value: Any) -> object:
    return value.__float__()  # not float(value), which would read bytes as a number
