"""What every detector is: values in, changes out, state as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, Self

from driftline_detectors.snapshots import Plain

Direction = Literal["up", "down"]


class Past(NamedTuple):
    """A stream since its last change: how many values, their sum, and where their mean most likely changed.

    `cut` counts the values before that point, 0 where there is none yet; `before` and `after` are the means on its two
    sides (NaN without a cut). A detector that cannot date its changes itself takes this point.
    """

    length: int
    total: float
    cut: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    `statistic` and `threshold` are in the detector's own terms (its docstring says which); `before` and `after`
    estimate the mean on either side of the change. `width` counts the values since the estimated change point,
    including the one at which the change was seen (1 or more).
    """

    statistic: float
    threshold: float
    direction: Direction
    before: float
    after: float
    width: int


class Reading(NamedTuple):
    """Where a detector stands: `estimate` is its mean over the last `width` values.

    What it cannot say yet is NaN.
    """

    statistic: float
    threshold: float
    estimate: float
    width: int


class Detector(Protocol):
    """A change detector over one stream of finite numbers; a Bank feeds it, and remembers the past for it.

    The same values give the same changes however they are cut, and a restored detector goes on exactly as the one that
    was snapshotted.
    """

    name: ClassVar[str]

    def update(self, values: list[float]) -> int | None:
        """Take the next values up to the first at which a change is seen; return its index, None if there is none."""
        ...

    def change(self, past: Past) -> Change:
        """Describe the change that `update` has just seen at the last value of `past`, and start afresh."""
        ...

    def reading(self, past: Past) -> Reading:
        """Say where the detector stands, counting from its last change; statistic and threshold as in a Change."""
        ...

    def snapshot(self) -> dict[str, Plain]:
        """Return the whole state as plain data."""
        ...

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """Return the detector that `snapshot` described; raise SnapshotError if `state` is not one of its own."""
        ...
