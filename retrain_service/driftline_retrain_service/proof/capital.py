"""The capital of a gambler: the evidence that a mean is above 0."""

import math
from collections.abc import Sequence

from pydantic import JsonValue

_BETS = (0.05, 0.1, 0.2, 0.3, 0.45, 0.8)
"""Shares of the capital that are staked on a row. The capital begins in equal parts, one for each bet, so that nobody
has to know the gain beforehand: small bets find small gains, large ones find large gains within some dozen rows."""


class Capital:
    """What the bets on values between -1 and 1 with a mean of at most 0 have come to."""

    def __init__(self, later_stakes: float, max_rows: int) -> None:
        self._later = later_stakes
        self._stake = later_stakes / max_rows / len(_BETS)
        self._max_rows = max_rows
        self._rows = 0
        self.parts = [(1.0 - later_stakes) / len(_BETS)] * len(_BETS)
        self.total = 1.0

    def bet(self, value: float) -> None:
        """Take the next value."""
        stake = self._stake
        self._rows += 1
        self.parts = [(part + stake) * (1.0 + bet * value) for part, bet in zip(self.parts, _BETS, strict=True)]
        self._count()

    def restore(self, parts: Sequence[JsonValue], rows: int) -> None:
        """Go on from what `parts` was after so many rows; raise ValueError if it is none."""
        if len(parts) != len(_BETS) or not all(isinstance(part, float) for part in parts):
            raise ValueError(f"not the capital of a proof: {parts!r}")
        self.parts = [float(part) for part in parts if isinstance(part, float)]
        self._rows = rows
        self._count()

    def _count(self) -> None:
        """Add up what is staked and what waits to be."""
        self.total = math.fsum(self.parts) + self._later * (1 - self._rows / self._max_rows)
