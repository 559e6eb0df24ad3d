"""What people ask about channels, routes and deliveries."""

import json
import time
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client
from typer.testing import CliRunner, Result

from driftline.errors import CONFIGURATION, FAILED
from driftline.main import app
from driftline_schemas.events.incident import Incident
from tests.alerting.receivers import receiver
from tests.cli.conftest import insert
from tests.stream_processors.harness import Installation

FILE = """
channels:
  pager: {type: webhook, url: "URL/T0/${TOKEN}"}
  chat: {type: webhook, url: "URL/chat"}
  spare: {type: webhook, url: "URL/spare"}
routes:
  - {model: "fraud*", channels: [pager]}
  - {severity: critical, kinds: [performance], channels: [pager, chat]}
"""


def driftline(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "alerting.yaml"
    monkeypatch.setenv("DRIFTLINE_ALERTING", str(path))
    monkeypatch.setenv("TOKEN", "hush-hush")
    return path


def test_a_file_is_checked(file: Path) -> None:
    file.write_text(FILE.replace("URL", "http://127.0.0.1"))
    checked = driftline("routes", "check", str(file))
    assert checked.exit_code == 0
    assert "No route leads to: spare" in checked.stdout
    file.write_text(FILE)
    wrong = driftline("routes", "check", str(file))
    assert wrong.exit_code == CONFIGURATION
    assert "line 3: channels.pager.url" in wrong.stderr
    assert "hush" not in checked.output + wrong.output


def test_a_test_goes_where_routes_lead_and_says_so(file: Path) -> None:
    with receiver() as served:
        served.answer = lambda request: (404 if request.path == "/chat" else 204, {}, b"no such hush-hush")
        file.write_text(FILE.replace("URL", served.url))
        assert driftline("routes", "test").stdout == "No route leads such a notice anywhere.\n"
        reached = driftline("routes", "test", "--model", "fraud-eu")
        assert (reached.exit_code, [each.path for each in served.requests]) == (0, ["/T0/hush-hush"])
        body = json.loads(served.requests[0].body)
        assert (body["test"], served.requests[0].headers["ce-type"]) == (True, "driftline.incident.test")
        assert Incident.model_validate(body["incident"]).model == "fraud-eu"
        failed = driftline("routes", "test", "--kind", "performance", "--json")
        assert failed.exit_code == FAILED
        assert [json.loads(line) for line in failed.stdout.splitlines()] == [
            {"channel": "pager", "place": served.url, "error": None},
            {"channel": "chat", "place": served.url, "error": "answered 404: no such hush-hush"},
        ]
        assert driftline("routes", "test", "--channel", "spare").exit_code == 0
        unknown = driftline("routes", "test", "--channel", "spam")
        assert (unknown.exit_code, "there are pager, chat, spare" in unknown.stderr) == (CONFIGURATION, True)


def test_without_a_file_the_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRIFTLINE_ALERTING", raising=False)
    nothing = driftline("routes", "test")
    assert (nothing.exit_code, "DRIFTLINE_ALERTING is not set" in nothing.stderr) == (CONFIGURATION, True)


def test_deliveries_are_listed_with_their_errors(installation: Installation, database_client: Client) -> None:
    assert driftline("deliveries").stdout == "Nothing was delivered yet.\n"
    now_ms = time.time_ns() // 1_000_000
    tried = {"notice_id": "n1", "incident_id": "i1", "model": "fraud", "channel": "pager"}
    insert(database_client, "delivery_log", **tried, status="retrying", attempt=1, error="answered 503", at=now_ms)
    insert(database_client, "delivery_log", **tried, status="delivered", attempt=2, at=now_ms + 1)
    given_up = {**tried, "channel": "chat", "status": "failed", "attempt": 1, "error": "answered 404"}
    insert(database_client, "delivery_log", **given_up, at=now_ms)

    def listed(*arguments: str) -> list[tuple[str, str, int, str]]:
        rows = [json.loads(line) for line in driftline("deliveries", *arguments, "--json").stdout.splitlines()]
        return [(row["channel"], row["status"], row["attempt"], row["error"]) for row in rows]

    assert listed() == [("pager", "delivered", 2, ""), ("chat", "failed", 1, "answered 404")]
    assert listed("fraud", "--status", "failed") == [("chat", "failed", 1, "answered 404")]
    assert listed("--channel", "pager", "--tries") == [
        ("pager", "delivered", 2, ""),
        ("pager", "retrying", 1, "answered 503"),
    ]
    assert listed("other") == []
