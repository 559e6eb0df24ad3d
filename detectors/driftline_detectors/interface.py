"""What every detector is: values in, changes out, state as plain JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from driftline_detectors.snapshots import JSON

Direction = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change, seen at one value.

    `index` is the value's position in the column that was given to `update`. `statistic` and `threshold` are in the
    detector's own terms (its docstring says which); `before` and `after` estimate the mean on either side of the
    change. `width` counts the values since the estimated change point, including the one at `index` (1 or more).
    """

    index: int
    statistic: float
    threshold: float
    direction: Direction
    before: float
    after: float
    width: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a detector stands: `estimate` is its mean over the last `width` values.

    What it cannot say yet is NaN.
    """

    statistic: float
    threshold: float
    estimate: float
    width: int


class Detector(Protocol):
    """A change detector over one stream of finite numbers.

    The same values give the same changes however they are cut into columns, and a restored detector goes on exactly
    as the one that was snapshotted. After a change the detector starts afresh with the next value.
    """

    name: ClassVar[str]

    def update(self, values: NDArray[np.float64]) -> list[Change]:
        """Take the next values of the stream, in order, and return the changes among them, in order."""
        ...

    def reading(self) -> Reading:
        """Say where the detector stands, counting from its last change; statistic and threshold as in a Change."""
        ...

    def snapshot(self) -> dict[str, JSON]:
        """Return the whole state as plain JSON."""
        ...

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the detector that `snapshot` described; raise SnapshotError if `state` is not one of its own."""
        ...
