"""The API without a browser: on a real engine and, for acts, a real broker."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from driftline.stack.health import http_answers, wait_until
from driftline.stack.ports import draw_port
from driftline.topics import create_topics
from driftline_dashboard.application import create
from driftline_schemas.settings import DashboardSettings, Settings
from driftline_schemas.topics import Topics
from tests.dashboard.stand import write_tokens
from tests.databases import Databases


@pytest.fixture(scope="module")
def settings(kafka_address: str, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Fresh topics, a fresh database and an empty registry."""
    topics = Topics(prefix=f"test-{uuid.uuid4().hex[:12]}.")
    create_topics(kafka_address, topics)
    with databases.lent() as database:
        variables = {
            "DRIFTLINE_KAFKA": kafka_address,
            "DRIFTLINE_TOPIC_PREFIX": topics.prefix,
            "DRIFTLINE_REGISTRY": str(tmp_path_factory.mktemp("registry")),
            "DRIFTLINE_WORKER_PORT": str(draw_port()),
        }
        yield replace(Settings.from_environment(variables), clickhouse=database)


@pytest.fixture(scope="module")
def open_api(settings: Settings) -> Iterator[httpx.Client]:
    """The API where there are no tokens."""
    with _served(create(settings)) as client:
        yield client


@pytest.fixture(scope="module")
def api(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The API where there is an account for every role."""
    tokens = write_tokens(tmp_path_factory.mktemp("tokens") / "tokens.yaml")
    with _served(create(replace(settings, dashboard=DashboardSettings(tokens=str(tokens))))) as client:
        yield client


@contextmanager
def _served(app: FastAPI) -> Iterator[httpx.Client]:
    """Serve an application on a thread."""
    port = draw_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert wait_until(lambda: http_answers(f"http://127.0.0.1:{port}/healthz"), 30)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
