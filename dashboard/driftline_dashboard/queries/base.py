"""What all answers have in common."""

import math
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from driftline_dashboard.windows import EPOCH


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _happened(value: Any) -> Any:
    return None if isinstance(value, datetime) and value <= EPOCH else value


Figure = Annotated[float | None, BeforeValidator(_known)]
"""A number; null where there is none (ClickHouse's NaN)."""

Moment = Annotated[datetime | None, BeforeValidator(_happened)]
"""A time in UTC; null where there is none (ClickHouse's epoch)."""


class Answer(BaseModel):
    """Base of every answer: immutable."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())
