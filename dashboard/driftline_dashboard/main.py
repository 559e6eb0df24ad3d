"""The dashboard as a program: the API and its pages, in one process."""

import logging

import uvicorn

from driftline_dashboard.access.shield import LOOPBACK
from driftline_dashboard.application import create
from driftline_schemas.settings import Settings

logger = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        ConfigurationError: The tokens file is wrong.
    """
    from driftline_dashboard.pages.install import install  # NiceGUI wants to be imported by who serves its pages

    app = create(settings)
    install(app)
    if settings.dashboard.host not in LOOPBACK and not settings.dashboard.tokens:
        logger.warning(
            "everybody who reaches %s may read this dashboard: name a tokens file in DRIFTLINE_DASHBOARD_TOKENS",
            settings.dashboard.host,
        )
    uvicorn.run(
        app,
        host=settings.dashboard.host,
        port=settings.dashboard.port,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=3,
    )
