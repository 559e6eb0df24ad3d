"""What a watch over features watches."""

from typing import NamedTuple

from driftline_detectors.findings import DriftKind


class Subject(NamedTuple):
    """What is watched: a feature, or what has no name.

    `kind` is that of a change of its values.
    """

    name: str
    category: bool
    kind: DriftKind = "data-drift"

    @property
    def nullable(self) -> bool:
        """Whether it is watched how often it is missing: of features only."""
        return self.kind == "data-drift"
