"""Where a dead letter's original record lies."""

import re
from typing import NamedTuple

from driftline_schemas.errors import ConfigurationError

_PLACE = re.compile(r"(\d{1,5}):(\d{1,19})")


class Place(NamedTuple):
    """Partition and offset in the events topic, written `partition:offset`.

    >>> str(Place.parse("2:51023"))
    '2:51023'
    """

    partition: int
    offset: int

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Read `partition:offset`.

        Raises:
            ConfigurationError: The text is not of that form.
        """
        match = _PLACE.fullmatch(text)
        if match is None:
            raise ConfigurationError(f"{text!r} is no place; expected partition:offset, as in `dead-letters list`")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.partition}:{self.offset}"
