"""How far a client of the stream has come: the next offset of every partition, which is also the id of its events."""

from collections.abc import Mapping
from typing import Self


class Places(dict[int, int]):
    """The next offset by partition.

    >>> Places.parse("0:12,1:7")
    {0: 12, 1: 7}
    >>> str(Places({0: 12, 1: 7}))
    '0:12,1:7'
    """

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` wrote; `ValueError` when it did not."""
        pairs = [pair.partition(":") for pair in text.split(",")]
        if not all(part.isascii() and part.isdecimal() for number, _, offset in pairs for part in (number, offset)):
            raise ValueError(text)
        return cls({int(number): int(offset) for number, _, offset in pairs})

    def __str__(self) -> str:
        return ",".join(f"{number}:{offset}" for number, offset in sorted(self.items()))

    def is_behind(self, others: Mapping[int, int]) -> bool:
        """Whether anything lies between these places and others."""
        return any(self[number] < offset for number, offset in others.items())
