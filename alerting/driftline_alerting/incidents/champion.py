"""Which version serves, and since when."""

from typing import NamedTuple


class Champion(NamedTuple):
    """The version that was promoted last, or that a roll-back returned to.

    Attributes:
        version: The version.
        since_ms: When that was decided.
    """

    version: str
    since_ms: int
