"""`driftline notify` as a process."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from driftline.stack.ports import draw_port
from tests.alerting.receivers import Receiver


def health(port: int) -> tuple[int, dict[str, Any]]:
    """Status and document of the `/healthz` that listens there."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


@dataclass(frozen=True)
class Notifier:
    """A running one.

    Attributes:
        process: It.
        port: Where its pages listen.
        log: What it has written.
    """

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def health(self) -> tuple[int, dict[str, Any]]:
        """Status and document of `/healthz`; 0 while nobody listens."""
        try:
            return health(self.port)
        except URLError:
            return 0, {}

    def is_ok(self) -> bool:
        """Whether it works."""
        return self.health()[1].get("status") == "ok"

    def stands_by(self) -> bool:
        """Whether another one works."""
        status, document = self.health()
        return status == 200 and document["status"] == "standby"


def write_configuration(folder: Path, **receivers: Receiver) -> None:
    """A webhook to each receiver, which gets everything."""
    channels = [f"  {name}: {{type: webhook, url: '{each.url}'}}" for name, each in receivers.items()]
    (folder / "alerting.yaml").write_text(
        "\n".join(["channels:", *channels, f"routes: [{{channels: [{', '.join(receivers)}]}}]"])
    )


@contextmanager
def running_notifier(installation: Mapping[str, str], folder: Path) -> Iterator[Notifier]:
    """Run one with the configuration of the folder; it is killed at the end, if it still runs."""
    port = draw_port()
    own = {"DRIFTLINE_ALERTING": str(folder / "alerting.yaml"), "DRIFTLINE_NOTIFY_PORT": str(port)}
    environment = {**os.environ, **installation, **own}
    path = folder / f"notify-{port}.log"
    with path.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "driftline", "notify"], env=environment, stdout=log, stderr=log
        )
    try:
        yield Notifier(process, port, path)
    finally:
        process.kill()
        process.wait()
