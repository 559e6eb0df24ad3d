"""The application: the API, and what is true of every request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import Response

from driftline_dashboard import api
from driftline_dashboard.access import login
from driftline_dashboard.access.guard import Guard
from driftline_dashboard.access.sessions import Sessions
from driftline_dashboard.access.shield import Shield
from driftline_dashboard.access.tokens import read_accounts
from driftline_dashboard.api.errors import told_as_problems
from driftline_dashboard.log_ends import LogEnds
from driftline_dashboard.parts import Parts, Reader
from driftline_dashboard.store import Store
from driftline_dashboard.stream import stream_router
from driftline_schemas.settings import Settings


def create(settings: Settings) -> FastAPI:
    """The API, without pages.

    Raises:
        ConfigurationError: The tokens file is wrong.
    """
    guard = Guard(read_accounts(settings.dashboard.tokens), Sessions())
    parts = Parts(settings, Store(settings.clickhouse), guard, LogEnds(settings))

    @asynccontextmanager
    async def open_parts(_: FastAPI) -> AsyncIterator[None]:
        yield
        parts.store.close()
        parts.log_ends.close()

    app = FastAPI(
        title="Driftline",
        version="1",
        description="What Driftline knows about models, and what people decide about them.",
        openapi_url=f"{api.PREFIX}/openapi.json",
        docs_url=None,  # its page would load a stranger's scripts
        redoc_url=None,
        lifespan=open_parts,
    )
    app.state.parts = parts
    app.add_middleware(Shield, host=settings.dashboard.host)
    told_as_problems(app)
    app.include_router(stream_router(settings), dependencies=[Reader])  # ahead of /incidents/{incident_id}
    app.include_router(api.router)
    app.include_router(login.router)

    @app.get("/healthz", include_in_schema=False)
    def healthz() -> Response:
        """Whether the process answers."""
        return Response("ok\n", media_type="text/plain")

    return app
