"""Parameters that lists share."""

from typing import Annotated

from fastapi import Query

MAX_LIMIT = 500

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="At most so many.")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="Passes over so many.")]
