"""A dashboard beside the services that it shows, as processes on a real broker and a real engine."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from driftline.stack.health import http_answers, wait_until
from driftline.stack.ports import draw_port
from driftline_schemas.settings import ClickHouseAddress, Settings
from driftline_schemas.topics import Topics

TOKENS = {role: f"the-token-of-the-{role}" for role in ("viewer", "operator", "admin")}
START_SECONDS = 60


@dataclass(frozen=True)
class Stand:
    """Where everything is.

    Attributes:
        url: Of the dashboard.
        settings: Of all services.
    """

    url: str
    settings: Settings


def write_tokens(path: Path) -> Path:
    """A tokens file with an account for every role, named like it."""
    accounts = [
        {"name": role, "role": role, "sha256": hashlib.sha256(token.encode()).hexdigest()}
        for role, token in TOKENS.items()
    ]
    path.write_text(yaml.safe_dump(accounts), "utf-8")
    return path


def environment(kafka: str, topics: Topics, database: ClickHouseAddress, folder: Path) -> dict[str, str]:
    """What the services read."""
    dashboard, worker = draw_port(), draw_port()
    return {
        "PATH": "/usr/bin:/bin",
        "OMP_NUM_THREADS": "1",
        "DRIFTLINE_STATE": str(folder / "no-stack"),
        "DRIFTLINE_KAFKA": kafka,
        "DRIFTLINE_CLICKHOUSE": f"http://{database.username}@{database.host}:{database.port}/{database.database}",
        "DRIFTLINE_TOPIC_PREFIX": topics.prefix,
        "DRIFTLINE_REGISTRY": str(folder / "registry"),
        "DRIFTLINE_WORKER_PORT": str(worker),
        "DRIFTLINE_BLOCK_RECORDS": "200",
        "DRIFTLINE_RETRAIN_COOLDOWN_SECONDS": "0",
        "DRIFTLINE_DASHBOARD_PORT": str(dashboard),
        "DRIFTLINE_DASHBOARD_TOKENS": str(write_tokens(folder / "tokens.yaml")),
    }


@contextmanager
def running(variables: Mapping[str, str], folder: Path, *services: str) -> Iterator[Stand]:
    """Run commands of `driftline` until the block ends; begins when the dashboard answers."""
    settings = Settings.from_environment(variables)
    url = f"http://127.0.0.1:{settings.dashboard.port}"
    with ExitStack() as stack:
        processes = [stack.enter_context(_process(service, variables, folder)) for service in services]
        if not wait_until(lambda: http_answers(f"{url}/healthz"), START_SECONDS):
            raise AssertionError((folder / "dashboard.log").read_text("utf-8")[-2000:])
        yield Stand(url, settings)
        for process in processes:  # side by side
            process.terminate()


@contextmanager
def _process(service: str, variables: Mapping[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / f"{service}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "driftline", service], env=variables, cwd=folder, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=15)
