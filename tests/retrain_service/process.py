"""The service as a process."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from driftline_schemas.settings import ClickHouseAddress

PROGRAM = """
import os
from driftline_retrain_service.main import run
from driftline_schemas.settings import Settings
run(Settings.from_environment(os.environ))
"""


def environment(kafka: str, prefix: str, database: ClickHouseAddress, registry: Path | str) -> dict[str, str]:
    """What a service is told that trains on 100 rows or more."""
    return {
        "DRIFTLINE_KAFKA": kafka,
        "DRIFTLINE_CLICKHOUSE": f"http://{database.username}@{database.host}:{database.port}/{database.database}",
        "DRIFTLINE_TOPIC_PREFIX": prefix,
        "DRIFTLINE_REGISTRY": str(registry),
        "DRIFTLINE_RETRAIN_MIN_ROWS": "100",
    }


@contextmanager
def running(told: Mapping[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the service, whose log is in the folder; in the end kill it."""
    with (folder / "service.log").open("ab") as log:
        service = subprocess.Popen([sys.executable, "-c", PROGRAM], env=os.environ | told, stdout=log, stderr=log)
    try:
        yield service
    finally:
        service.kill()
        service.wait()


def wait_until(condition: Callable[[], bool], service: subprocess.Popen[bytes], timeout_seconds: float = 90.0) -> None:
    """Wait for something that the service, which goes on running, brings about."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        assert service.poll() is None, "the service ended"
        assert time.monotonic() < deadline
        time.sleep(0.1)
