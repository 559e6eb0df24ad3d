"""Puts the pages on the application."""

from collections.abc import Callable, Mapping
from urllib.parse import quote

from fastapi import FastAPI
from nicegui import ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from driftline_dashboard.pages import incident, incidents, ledger, login, model, overview, retrains, system
from driftline_dashboard.pages.client import Api
from driftline_dashboard.pages.visit import Visit
from driftline_dashboard.parts import Parts

RECONNECT_SECONDS = 30.0

Page = Callable[[Visit], None]

PAGES: Mapping[str, Page] = {
    "/": overview.overview,
    "/models/{model:path}": model.model,
    "/incidents": incidents.incidents,
    "/incidents/{incident_id}": incident.incident,
    "/retrains": retrains.retrains,
    "/retrains/{retrain_id}": retrains.retrain,
    "/ledger": ledger.ledger,
    "/system": system.system,
}


def install(app: FastAPI) -> None:
    """Add every page to the application of the API."""
    for path, page in PAGES.items():
        ui.page(path)(_visited(app, page))
    ui.page("/login")(login.login)
    ui.run_with(
        app,
        title="Driftline",
        tailwind=False,
        reconnect_timeout=RECONNECT_SECONDS,
        show_welcome_message=False,
        language="en-US",
    )


def _visited(app: FastAPI, page: Page) -> Callable[[Request], Response | None]:
    """A page for who may read; everybody else is asked to log in."""
    parts: Parts = app.state.parts

    def shown(request: Request) -> Response | None:
        who = parts.guard.who(request)
        if who is None:
            here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"/login?then={quote(here, safe='')}")
        page(Visit(request, Api(app, request), who, parts.guard.open_to_read))
        return None

    return shown
