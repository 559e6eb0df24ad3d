"""Which version serves, and since when."""

from typing import NamedTuple


class Champion(NamedTuple):
    """The version that was promoted last, or that a roll-back returned to.

    Attributes:
        version: The version.
        since_ms: The broker's time of its announcement.
    """

    version: str
    since_ms: int
