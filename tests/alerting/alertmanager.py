"""The real Alertmanager, on loopback."""

import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from driftline.stack.ports import draw_port
from tests.stream_processors.harness import wait_for

CONFIGURATION = "{route: {receiver: none}, receivers: [{name: none}], global: {resolve_timeout: 1s}}"


class Served:
    """A running Alertmanager that holds no alert."""

    def __init__(self, url: str) -> None:
        self.url = url

    def alerts(self) -> list[dict[str, Any]]:
        """Those that fire."""
        with urllib.request.urlopen(f"{self.url}/api/v2/alerts") as answer:
            found: list[dict[str, Any]] = json.load(answer)
            return found

    def labels(self, name: str) -> list[str]:
        return sorted(alert["labels"][name] for alert in self.alerts())

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready") as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@contextmanager
def alertmanager(folder: Path) -> Iterator[Served]:
    """Run one that keeps its files in `folder`, until the end."""
    program = shutil.which("prometheus-alertmanager")
    assert program, "install the Debian package prometheus-alertmanager"
    port = draw_port()
    (folder / "configuration.yml").write_text(CONFIGURATION)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                program,
                f"--config.file={folder / 'configuration.yml'}",
                f"--storage.path={folder}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--cluster.listen-address=",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        running = Served(f"http://127.0.0.1:{port}")
        wait_for("Alertmanager", running.is_ready)
        yield running
    finally:
        process.kill()
        process.wait()
