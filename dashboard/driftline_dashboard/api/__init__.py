"""The HTTP API, one resource per file."""

from fastapi import APIRouter

from driftline_dashboard.api import dead_letters, health, incidents, ledger, model, models, retrains, versions
from driftline_dashboard.parts import Reader
from driftline_dashboard.problems import MEDIA_TYPE

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
