"""The HTTP API, one resource per file."""

from fastapi import APIRouter, Request

from driftline_dashboard.api import dead_letters, health, incidents, ledger, model, models, retrains, versions
from driftline_dashboard.parts import Reader
from driftline_dashboard.problems import MEDIA_TYPE, not_found

PREFIX = "/api/v1"

_PROBLEM = {"content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}

router = APIRouter(
    prefix=PREFIX,
    dependencies=[Reader],
    responses={
        401: {"description": "A token is needed.", **_PROBLEM},
        422: {"description": "A bad value.", **_PROBLEM},
    },
)
for resource in (models, model, incidents, retrains, versions, ledger, dead_letters, health):
    router.include_router(resource.router)


@router.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
def tell_what_there_is(request: Request) -> None:
    """Behind all others: without it the page's "not found" would answer."""
    raise not_found("resource", f"{request.method} {request.url.path}", f"GET {PREFIX}/openapi.json lists them")
