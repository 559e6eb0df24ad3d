"""Who may see and do what: every refusal, and what is let through."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from driftline_dashboard.access.guard import COOKIE
from driftline_dashboard.access.sessions import SESSION_SECONDS, Sessions
from driftline_dashboard.access.tokens import Account, read_accounts
from driftline_registry import open_registry
from driftline_schemas.clickhouse import connect, insert_columns
from driftline_schemas.codec import decode_incident, decode_retrain
from driftline_schemas.settings import Settings
from tests.dashboard.stand import TOKENS, write_tokens
from tests.registry.models import promote
from tests.retrain_service.stored import messages

ACTS = {
    "/api/v1/incidents/i-1/acknowledge": "operator",
    "/api/v1/incidents/i-1/resolve": "operator",
    "/api/v1/incidents/i-1/judge": "operator",
    "/api/v1/silences": "operator",
    "/api/v1/retrains/r-1/approve": "operator",
    "/api/v1/retrains/r-1/reject": "operator",
    "/api/v1/models/fraud/retrain": "admin",
    "/api/v1/models/fraud/rollback": "admin",
}
BODIES = {
    "/api/v1/incidents/i-1/judge": {"verdict": "false-alarm"},
    "/api/v1/silences": {"model": "fraud", "minutes": 60, "kinds": ["latency"]},
}


def bearer(role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[role]}"}


@pytest.fixture
def stored(settings: Settings, tmp_path: Path) -> None:
    """An incident, a retrain that waits for approval, a block, and a champion that has a predecessor."""
    rows: dict[str, dict[str, Any]] = {
        "incident_log": {"incident_id": "i-1", "model": "fraud", "state": "open", "severity": "warning"},
        "retrain_log": {
            "retrain_id": "r-1",
            "model": "fraud",
            "status": "waiting",
            "explanation": "a person must approve: ...",
        },
    }
    with connect(settings.clickhouse) as client:
        for table, row in rows.items():
            insert_columns(client, table, {name: [value] for name, value in row.items()}, token="1")
        for partition in range(settings.partitions):
            insert_columns(client, "block_log", {"partition": [partition], "last_offset": [7]}, token=str(partition))
    promote(open_registry(settings.registry), "fraud", tmp_path)
    promote(open_registry(settings.registry), "fraud", tmp_path, reverse=True)


def test_an_empty_installation_answers_everything(open_api: httpx.Client) -> None:
    for path in ("models", "incidents", "retrains", "versions", "ledger", "dead-letters", "health"):
        assert open_api.get(f"/api/v1/{path}").status_code == 200, path
    assert open_api.get("/api/v1/health").json()["kafka"] == "ok"


def test_acts_of_every_role(api: httpx.Client, settings: Settings, stored: None) -> None:
    for path, least in ACTS.items():
        body = BODIES.get(path, {})
        assert api.post(path, json=body).status_code == 401, path
        assert api.post(path, json=body, headers={"Authorization": "Bearer wrong"}).status_code == 401
        for role in ("viewer", "operator") if least == "admin" else ("viewer",):
            refused = api.post(path, json=body, headers=bearer(role))
            assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
            assert f"{role} is {role}; this takes" in refused.json()["detail"]
        answer = api.post(path, json=body, headers=bearer(least))
        assert answer.status_code == 202, (path, answer.text)
    appended = [decode_incident(dict(m.headers)["type"].decode(), m.value) for m in _all(settings, "incidents")]
    assert [(type(each).__name__, each.model_dump()["by"]) for each in appended] == [
        ("IncidentAction", "operator"),
        ("IncidentAction", "operator"),
        ("IncidentAction", "operator"),
        ("Silence", "operator"),
    ]
    asked = [decode_retrain(dict(m.headers)["type"].decode(), m.value).model_dump() for m in _all(settings, "retrains")]
    assert [each.get("approved", each.get("reason")) for each in asked] == [True, False, "by hand (admin)", ""]
    assert asked[-1]["version"] == "2"


def test_without_tokens_everybody_reads_and_nobody_acts(open_api: httpx.Client) -> None:
    assert open_api.get("/api/v1/models").status_code == 200
    for path in ACTS:
        refused = open_api.post(path, json=BODIES.get(path, {}), headers=bearer("admin"))
        assert (refused.status_code, "DRIFTLINE_DASHBOARD_TOKENS" in refused.json()["detail"]) == (403, True)


def test_reading_needs_a_token_where_there_are_some(api: httpx.Client) -> None:
    assert api.get("/api/v1/models").status_code == 401
    assert api.get("/api/v1/models", headers=bearer("viewer")).status_code == 200
    assert api.get("/healthz").status_code == 200


def test_a_session_begins_with_a_token_and_ends(api: httpx.Client) -> None:
    wrong = api.post("/login", data={"token": "guess"}, headers={"Origin": str(api.base_url)})
    assert (wrong.headers["location"], COOKIE in wrong.cookies) == ("/login?wrong=1", False)
    right = api.post(
        "/login", data={"token": TOKENS["viewer"], "then": "//evil.example"}, headers={"Origin": str(api.base_url)}
    )
    assert right.headers["location"] == "/"
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKENS["viewer"] not in cookie
    assert api.get("/api/v1/models").status_code == 200
    session = api.cookies[COOKIE]
    api.post("/logout", headers={"Origin": str(api.base_url)})
    api.cookies.set(COOKIE, session)
    assert api.get("/api/v1/models").status_code == 401


def test_a_session_ends_by_itself() -> None:
    now = [0.0]
    sessions = Sessions(lambda: now[0])
    account = Account(name="ana", role="viewer", sha256="0" * 64)
    session = sessions.begin(account)
    now[0] = SESSION_SECONDS - 1
    assert sessions.find(session) == account
    now[0] = SESSION_SECONDS
    assert sessions.find(session) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
    ],
)
def test_another_site_may_not_act(api: httpx.Client, headers: dict[str, str]) -> None:
    refused = api.post("/api/v1/models/fraud/rollback", json={}, headers=bearer("admin") | headers)
    assert (refused.status_code, refused.json()["title"]) == (403, "Other origin")
    assert refused.headers["x-frame-options"] == "DENY"


def test_a_name_that_only_resolves_to_loopback_reads_nothing(open_api: httpx.Client) -> None:
    assert open_api.get("/api/v1/models", headers={"Host": "evil.example:8080"}).status_code == 403


def test_every_answer_tells_browsers_to_be_careful(open_api: httpx.Client) -> None:
    for path in ("/api/v1/models", "/api/v1/models/nobody", "/api/v1/openapi.json"):
        headers = open_api.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "default-src 'self'" in headers["content-security-policy"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {name: ana, role: owner, sha256: x}", "0.role: Input should be 'viewer', 'operator' or 'admin'"),
        ("- {name: ana, role: viewer, token: secret}", "0.sha256: Field required"),
        ("ana: viewer", "the file: Input should be a valid list"),
        ("- [", "is not YAML"),
        ("[]", "expected at least one entry"),
    ],
)
def test_a_wrong_tokens_file_says_what_is_wrong_and_shows_no_secret(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "tokens.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(Exception, match="DRIFTLINE_DASHBOARD_TOKENS") as raised:
        read_accounts(str(path))
    assert said in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_token_is_found_by_its_hash(tmp_path: Path) -> None:
    accounts = read_accounts(str(write_tokens(tmp_path / "tokens.yaml")))
    found = {role: accounts.find(token) for role, token in TOKENS.items()}
    assert [account and account.role for account in found.values()] == list(TOKENS)
    assert accounts.find("") is None


def _all(settings: Settings, topic: str) -> list[Any]:
    return messages(settings.kafka, getattr(settings.topics, topic).name)
