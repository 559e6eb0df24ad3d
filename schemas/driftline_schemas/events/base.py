"""What all records have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MAX_NAME_CHARACTERS = 256

Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARACTERS)]
"""A name that is written by people: a model, an event id, a feature. 1 to 256 characters."""

Source = Annotated[str, Field(max_length=MAX_NAME_CHARACTERS)]
"""Who says what is true; empty where there is only one."""

Count = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""How many of something."""

EpochMs = Annotated[int, Field(strict=True, ge=0, le=253_402_300_799_999)]
"""Milliseconds since 1970-01-01 UTC, up to the end of the year 9999."""

FiniteNumber = Annotated[float, Field(strict=True, allow_inf_nan=False)]
LatencyMs = Annotated[FiniteNumber, Field(ge=0)]
Boolean = Annotated[bool, Field(strict=True)]
Text = Annotated[str, Field(strict=True)]

Scalar = Boolean | FiniteNumber | Text
FeatureValue = Scalar | None
"""A number, a string, a boolean, or null. A feature that is absent is not the same as a null one."""

Segment = dict[Name, Scalar]


class Record(BaseModel):
    """Base of every record: immutable, unknown fields are ignored, numbers must be finite."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False, protected_namespaces=())
