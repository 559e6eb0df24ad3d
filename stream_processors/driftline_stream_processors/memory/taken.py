"""Which records were taken over already, by the place where each lay before."""

from typing import Any, Self

import numpy as np

KEPT = 50_000
"""Places remembered per partition of origin."""


class TakenPlaces:
    """Remembers places (partition and offset) in bounded memory; what is too much is forgotten at the end of a block.

    `monotonic` says that places come nearly in order: then what lies below the forgotten ones counts as taken.
    """

    def __init__(self, *, monotonic: bool) -> None:
        self._monotonic = monotonic
        self._floors: dict[int, int] = {}
        self._offsets: dict[int, set[int]] = {}

    def knows(self, partition: int, offset: int) -> bool:
        """Whether the record from there was taken."""
        return offset < self._floors.get(partition, 0) or offset in self._offsets.get(partition, ())

    def add(self, partition: int, offset: int) -> None:
        """Remember that it is."""
        self._offsets.setdefault(partition, set()).add(offset)

    def end_block(self) -> None:
        """Forget the lowest offsets of too many."""
        for partition, offsets in self._offsets.items():
            if len(offsets) > KEPT:
                ordered = sorted(offsets)
                self._offsets[partition] = set(ordered[-KEPT:])
                if self._monotonic:
                    self._floors[partition] = ordered[-KEPT]

    def snapshot(self) -> list[Any]:
        """Plain data: partition, floor, and the offsets as bytes."""
        return [
            [partition, self._floors.get(partition, 0), np.array(sorted(offsets), np.int64).tobytes()]
            for partition, offsets in sorted(self._offsets.items())
        ]

    @classmethod
    def restore(cls, state: list[Any], *, monotonic: bool) -> Self:
        """What `snapshot` returned."""
        taken = cls(monotonic=monotonic)
        for partition, floor, offsets in state:
            taken._floors[int(partition)] = int(floor)
            taken._offsets[int(partition)] = set(np.frombuffer(offsets, np.int64).tolist())
        return taken
