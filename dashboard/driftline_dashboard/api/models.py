"""All models."""

from typing import Annotated

from fastapi import APIRouter, Query

from driftline_dashboard.api.paging import Limit, Offset
from driftline_dashboard.parts import StoreOf
from driftline_dashboard.queries.models import ModelList, models

router = APIRouter(tags=["models"])

Search = Annotated[str, Query(max_length=256, description="Text that the name contains.")]


@router.get("/models")
def list_models(store: StoreOf, search: Search = "", limit: Limit = 100, offset: Offset = 0) -> ModelList:
    """A page of the models, those in need first."""
    return models(store, search=search, limit=limit, offset=offset)
