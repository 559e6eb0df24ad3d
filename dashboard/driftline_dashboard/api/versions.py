"""What became of versions."""

from typing import Annotated

from fastapi import APIRouter, Query

from driftline_dashboard.api.paging import Limit
from driftline_dashboard.parts import StoreOf
from driftline_dashboard.queries.versions import VersionChange, version_changes

router = APIRouter(tags=["versions"])

Model = Annotated[str, Query(max_length=256, description="Of this model only.")]


@router.get("/versions")
def list_versions(store: StoreOf, model: Model = "", limit: Limit = 100) -> list[VersionChange]:
    """Promotions, refusals and roll-backs, newest first."""
    return version_changes(store, model, limit)
