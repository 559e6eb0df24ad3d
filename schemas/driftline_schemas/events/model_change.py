"""What became of a model's champion."""

from typing import Literal

from pydantic import Field

from driftline_schemas.events.base import EpochMs, FiniteNumber, Name, Record

ModelAction = Literal["promoted", "refused", "rolled-back"]


class ArtifactRef(Record):
    """Where a model version lies.

    Attributes:
        uri: Address of the artifact.
        sha256: Hex digest by which it is verified before use.
    """

    uri: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class ModelChange(Record):
    """The decision about a challenger, on `driftline.models`.

    Attributes:
        model: Name of the model; also the key of the record.
        action: `promoted`, `refused` or `rolled-back`.
        version: The version that the action is about.
        previous_version: The champion before it.
        retrain_id: The retrain that made the version; null for one that came by hand.
        artifact: Where the version lies; null when it was refused before it was stored.
        metrics: Scores of `champion` and `challenger` on the same outcomes; empty without any.
        timestamp_ms: When it was decided.
    """

    model: Name
    action: ModelAction
    version: str
    previous_version: str = ""
    retrain_id: str | None = None
    artifact: ArtifactRef | None = None
    metrics: dict[str, dict[str, FiniteNumber]] = Field(default_factory=dict)
    timestamp_ms: EpochMs


class ModelPromoted(ModelChange):
    """The same decision as a record of the model's own log, so that every reader sees when the champion changed."""
