"""The example service as its README runs it: uvicorn, a registry, a real Kafka."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import pytest

from driftline.stack.ports import draw_port
from driftline_registry import LocalRegistry
from driftline_schemas.topics import Topics
from fraud_service.payments import MODEL
from fraud_service.traffic import send
from fraud_service.train import train
from tests.producers.log import of_type, read_log

EXAMPLES = Path(__file__).parents[2] / "examples"
PAYMENT = {"amount": 900.0, "hour": 3, "country": "DE"}


class Service:
    def __init__(self, environment: dict[str, str]) -> None:
        self.address = f"127.0.0.1:{draw_port()}"
        command = [sys.executable, "-m", "uvicorn", "fraud_service.service:app", "--app-dir", str(EXAMPLES)]
        port = self.address.partition(":")[2]
        self.process = subprocess.Popen([*command, "--port", port], env=os.environ | environment)

    def ask(self, path: str, document: dict[str, Any] | None = None) -> tuple[int, Any]:
        body = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(f"http://{self.address}{path}", body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except HTTPError as error:
            return error.code, json.load(error)

    def wait_until(self, condition: Callable[[int, dict[str, Any]], bool]) -> None:
        """Ask for its health until that is as it should be."""
        deadline = time.monotonic() + 60
        found: dict[str, Any] = {}
        while time.monotonic() < deadline:
            assert self.process.poll() is None
            try:
                status, found = self.ask("/health")
            except URLError:
                status, found = 0, {}
            if condition(status, found):
                return
            time.sleep(0.05)
        raise TimeoutError(f"the service's health is {found}")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


@pytest.fixture
def registry(tmp_path: Path) -> LocalRegistry:
    return LocalRegistry(tmp_path / "registry")


@pytest.fixture
def service(registry: LocalRegistry, kafka_address: str, topics: Topics) -> Iterator[Service]:
    environment = {
        "DRIFTLINE_REGISTRY": str(registry.root),
        "DRIFTLINE_KAFKA": kafka_address,
        "DRIFTLINE_TOPIC_PREFIX": topics.prefix,
    }
    running = Service(environment)
    yield running
    running.process.kill()
    running.process.wait()


@pytest.mark.stack
def test_the_service_serves_the_champion_and_logs_what_it_does(
    service: Service, registry: LocalRegistry, kafka_address: str, topics: Topics
) -> None:
    service.wait_until(lambda status, found: status == 503 and "no champion" in found["problem"])
    assert service.ask("/predictions", PAYMENT)[0] == 503

    train(registry)
    service.wait_until(lambda status, found: (status, found["version"]) == (200, "1"))
    assert send(service.address, 50, per_second=1e9) > 0.8
    assert service.ask("/predictions", {"amount": "much"})[0] == 422

    train(registry, seed=3)
    service.wait_until(lambda _, found: found["version"] == "2")
    status, answer = service.ask("/predictions", PAYMENT)
    assert (status, answer["prediction"], answer["version"]) == (200, "fraud", "2")
    assert service.ask("/outcomes", {"event_id": answer["event_id"], "label": "ok"})[0] == 202

    third = registry.register(MODEL, registry.get(MODEL, "1").folder, retrain_id="r1")
    (third.folder / third.manifest.payload).write_bytes(b"tampered")
    registry.promote(MODEL, third.version, expect="2")
    service.wait_until(lambda status, found: status == 200 and "damaged or forged" in (found["problem"] or ""))
    assert service.ask("/predictions", PAYMENT)[1]["version"] == "2"

    service.stop()
    records = read_log(kafka_address, topics.events.name)
    predictions, outcomes = of_type(records, "prediction"), of_type(records, "outcome")
    assert [prediction["version"] for prediction in predictions] == ["1"] * 50 + ["2"] * 2
    assert len(outcomes) == 51
    assert (outcomes[-1]["event_id"], outcomes[-1]["label"]) == (answer["event_id"], "ok")
