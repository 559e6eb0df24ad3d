"""Dead letters."""

from typing import Annotated

from fastapi import APIRouter, Query

from driftline_dashboard.api.paging import Limit, Offset
from driftline_dashboard.parts import StoreOf
from driftline_dashboard.queries.dead_letters import DeadLetters, dead_letters

router = APIRouter(tags=["dead-letters"])

Reason = Annotated[str, Query(max_length=256, description="With this reason only.")]


@router.get("/dead-letters")
def list_dead_letters(store: StoreOf, reason: Reason = "", limit: Limit = 100, offset: Offset = 0) -> DeadLetters:
    """Records that could not be read, newest first."""
    return dead_letters(store, reason=reason, limit=limit, offset=offset)
