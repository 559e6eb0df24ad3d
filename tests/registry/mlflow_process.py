"""A real `mlflow server` on SQLite, from the environment of tools."""

import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

import psutil

from driftline.stack.ports import draw_port
from tests.tools import tool

_ENVIRONMENT = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
_START_SECONDS = 170


class MlflowProcess:
    """Keeps its port and its folder from start to start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = draw_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._again: tuple[list[str], dict[str, str]] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def artifacts(self) -> Path:
        """Where the server keeps artifacts."""
        return self.folder / "artifacts"

    def start(self) -> None:
        """Run `mlflow server`; from the second time on what that runs once its database is there, in half the time."""
        command, environment = self._again or (self._command(), os.environ | _ENVIRONMENT)
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, env=environment, start_new_session=True
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        if not self._again:
            (child,) = psutil.Process(self._process.pid).children()
            self._again = child.cmdline(), child.environ()

    def stop(self) -> None:
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _command(self) -> list[str]:
        return [
            *(tool("mlflow"), "server", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"),
            *("--backend-store-uri", f"sqlite:///{self.folder}/mlflow.db"),
            *("--artifacts-destination", str(self.artifacts), "--serve-artifacts"),
        ]

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            assert self._process and self._process.poll() is None, self._log()
            try:
                with urllib.request.urlopen(f"{self.address}/health", timeout=5):
                    return
            except (URLError, OSError):
                time.sleep(0.1)
        raise TimeoutError(self._log())

    def _log(self) -> str:
        return (self.folder / "server.log").read_text()
