"""What the API answers about what is stored, and how it refuses."""

import math
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftline_dashboard.problems import Problem
from driftline_dashboard.windows import Window, read_window
from driftline_schemas.clickhouse import connect, insert_columns
from driftline_schemas.settings import Settings
from tests.stream_processors.harness import wait_for

HOUR_MS = 3_600_000
BEGIN_MS = 1_763_870_400_000 - 1_763_870_400_000 % (24 * HOUR_MS)
ROWS = 2_000
EXTENT = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 31, tzinfo=UTC))


@pytest.fixture(scope="module", autouse=True)
def stored(settings: Settings) -> None:
    """Four days of `fraud`: from the third day on amounts double, and a third is wrong instead of a tenth."""
    numbers = range(ROWS)
    late = [n >= ROWS // 2 for n in numbers]
    times = [BEGIN_MS + n * 96 * HOUR_MS // ROWS for n in numbers]
    common: dict[str, list[Any]] = {
        "model": ["fraud"] * ROWS,
        "event_id": [f"e-{n:05d}" for n in numbers],
        "version": ["2" if n >= 1500 else "1" for n in numbers],
        "segment": [{"country": "DE" if n % 2 else "FR"} for n in numbers],
        "prediction": ["ok"] * ROWS,
        "prediction_value": [math.nan] * ROWS,
        "offset": list(numbers),
    }
    predictions: dict[str, list[Any]] = {
        "timestamp": times,
        "features": [
            {"amount": (n % 97) * (2.0 if late[n] else 1.0), "age": math.nan if n % 10 == 9 else float(n % 50)}
            for n in numbers
        ],
        "categories": [{"plan": "new" if late[n] and n % 2 else "old"} for n in numbers],
        "latency_ms": [10.0 + n % 10 for n in numbers],
        "score": [math.nan] * ROWS,
    }
    outcomes: dict[str, list[Any]] = {
        "timestamp": [time + 2 * HOUR_MS for time in times],
        "predicted_at": times,
        "label": ["ok"] * ROWS,
        "label_value": [math.nan] * ROWS,
        "error": [float(n % (3 if late[n] else 10) == 0) for n in numbers],
        "joined": [1] * ROWS,
    }
    with connect(settings.clickhouse) as client:
        insert_columns(client, "prediction_log", common | predictions, token="p")
        insert_columns(client, "outcome_log", common | outcomes, token="o")


def test_a_model_in_a_window(open_api: httpx.Client) -> None:
    history = open_api.get("/api/v1/models/fraud", params={"from": "all"}).json()
    assert [version["version"] for version in history["versions"]] == ["2", "1"]
    assert sum(point["predictions"] for point in history["traffic"]) == ROWS
    assert sum(point["labels"] for point in history["performance"]) == ROWS
    first, last = history["performance"][0], history["performance"][-2]
    assert first["accuracy"] == pytest.approx(0.9, abs=0.03)
    assert last["accuracy"] == pytest.approx(2 / 3, abs=0.03)
    assert (first["mae"], first["delay_seconds"]) == (None, 7200)
    assert history["traffic"][0]["latency_ms"] == pytest.approx(14, rel=0.01)  # of 10 to 19, the lower median
    day = open_api.get("/api/v1/models/fraud", params={"from": "24h"}).json()
    of_25_hours = sum(n * 96 * 60 // ROWS >= 71 * 60 for n in range(ROWS))  # pieces of hours are not cut
    assert sum(point["predictions"] for point in day["traffic"]) == of_25_hours
    assert sum(point["labels"] for point in day["performance"]) == of_25_hours
    of_one = open_api.get("/api/v1/models/fraud", params={"from": "all", "version": "2"}).json()
    assert {point["version"] for point in of_one["performance"]} == {"2"}
    of_two = open_api.get("/api/v1/models/fraud", params={"from": "all", "version": "2", "compare": "1"}).json()
    assert {point["version"] for point in of_two["traffic"]} == {"1", "2"}


def test_features_are_ranked_by_how_far_they_have_drifted(open_api: httpx.Client) -> None:
    plan, amount, age = open_api.get("/api/v1/models/fraud/features", params={"from": "24h"}).json()
    assert (plan["feature"], plan["kind"], plan["changed"]) == ("plan", "category", True)
    assert {bar["label"]: (bar["reference"], bar["current"]) for bar in plan["bars"]}["new"][0] == 0
    assert (amount["feature"], amount["changed"], age["feature"], age["changed"]) == ("amount", True, "age", False)
    assert amount["current_mean"] == pytest.approx(2 * amount["reference_mean"], rel=0.05)
    assert sum(bar["reference"] for bar in amount["bars"]) == pytest.approx(1)
    assert age["stability_index"] < age["noise"]
    assert (age["reference_missing"], age["current_missing"]) == pytest.approx((0.1, 0.1), abs=0.01)


def test_features_are_of_every_value_of_whole_hours(open_api: httpx.Client) -> None:
    def current(begin: int, end: int) -> int:
        times = (datetime.fromtimestamp((BEGIN_MS + minutes * 60_000) / 1000, UTC) for minutes in (begin, end))
        window = dict(zip(("from", "until"), (time.isoformat() for time in times), strict=True))
        each: int
        (each,) = {f["current_values"] for f in open_api.get("/api/v1/models/fraud/features", params=window).json()}
        return each

    assert current(120, 240) == sum(2 <= n * 96 // ROWS < 4 for n in range(ROWS))
    assert current(121, 239) == current(120, 240)


def test_features_of_one_hour_are_not_compared_with_themselves(open_api: httpx.Client) -> None:
    asked = {"from": "all", "version": "1", "compare": "1"}
    found = open_api.get("/api/v1/models/fraud/features", params=asked).json()
    assert {(each["stability_index"], each["changed"]) for each in found} == {(None, False)}


def test_segments_now_and_before(open_api: httpx.Client) -> None:
    segments = open_api.get("/api/v1/models/fraud/segments", params={"from": "48h"}).json()
    assert {(each["tag"], each["value"]) for each in segments} == {("country", "DE"), ("country", "FR")}
    for each in segments:
        assert each["accuracy"] < each["accuracy_before"]


def test_a_model_that_has_just_begun_is_learning(open_api: httpx.Client) -> None:
    listed = open_api.get("/api/v1/models").json()
    (model,) = listed["models"]
    assert (model["model"], model["health"], model["version"]) == ("fraud", "learning", "2")
    assert (listed["total"], listed["by_health"]["learning"]) == (1, 1)
    assert open_api.get("/api/v1/models", params={"search": "FRA"}).json()["total"] == 1
    assert open_api.get("/api/v1/models", params={"search": "%"}).json()["total"] == 0


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/models/nobody", 404, "there is no model 'nobody'"),
        ("/models/fraud?from=yesterday", 422, "from: 'yesterday' is not valid; expected a time such as"),
        ("/models/fraud?from=2199-01-01", 422, "expected a time before 20"),
        ("/models/fraud?version=9", 422, "version: '9' is not valid"),
        ("/incidents/none", 404, "there is no incident 'none'"),
        ("/retrains/none", 404, "there is no retrain 'none'"),
        ("/incidents?state=closed", 422, "'open', 'acknowledged' or 'resolved'"),
        ("/dead-letters?limit=501", 422, "less than or equal to 500"),
        ("/nothing", 404, "there is no resource 'GET /api/v1/nothing'; GET /api/v1/openapi.json lists them"),
    ],
)
def test_a_refusal_names_the_bad_value_and_what_is_valid(
    open_api: httpx.Client, path: str, status: int, said: str
) -> None:
    answer = open_api.get(f"/api/v1{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert said in answer.json()["detail"]
    assert answer.json()["status"] == status


def test_values_of_strangers_are_bound_not_pasted(open_api: httpx.Client) -> None:
    for text in ("' OR 1=1 --", "\\", "{model:String}", "fraud'; DROP TABLE prediction_log; --"):
        assert open_api.get("/api/v1/retrains", params={"model": text}).json() == []
        assert open_api.get("/api/v1/dead-letters", params={"reason": text}).json()["total"] == 0
    assert open_api.get("/api/v1/models").json()["total"] == 1


def test_the_document_describes_every_resource(open_api: httpx.Client) -> None:
    document = open_api.get("/api/v1/openapi.json").json()
    paths = {path.removeprefix("/api/v1") for path in document["paths"]}
    assert {"/models", "/models/{model}", "/incidents/{incident_id}", "/retrains", "/silences", "/health"} <= paths
    assert all(method.get("summary") for path in document["paths"].values() for method in path.values())


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_window_is_read_or_refused(begin: str, end: str) -> None:
    try:
        window = read_window(begin, end, EXTENT)
    except Problem as problem:
        assert problem.status == 422
    else:
        assert window.begin < window.end


@given(st.integers(1, 999_999), st.sampled_from("mhdw"))
def test_a_length_ends_with_the_last_event(count: int, unit: str) -> None:
    window = read_window(f"{count}{unit}", "", EXTENT)
    assert window.end == EXTENT.end
    assert window.end - window.begin <= timedelta(weeks=count)
    assert window.step_seconds(1e9) >= 1


def the_model(api: httpx.Client) -> dict[str, Any]:
    """The only one in the list; what was asked within the last second is answered as it was then."""
    (model,) = api.get("/api/v1/models").json()["models"]
    return dict(model)


def test_the_last_windows_of_a_model_each_once(open_api: httpx.Client, settings: Settings) -> None:
    numbers = range(30)
    columns: dict[str, list[Any]] = {
        "window_start": [BEGIN_MS + n * HOUR_MS for n in numbers],
        "window_end": [BEGIN_MS + (n + 1) * HOUR_MS for n in numbers],
        "model": ["fraud"] * 30,
        "version": ["2"] * 30,
        "feature": [""] * 30,
        "metric": ["accuracy"] * 30,
        "value": [n / 100 for n in numbers],
        "window": list(numbers),
        "logged_at": [BEGIN_MS + (n + 1) * HOUR_MS for n in numbers],
    }
    with connect(settings.clickhouse) as client:
        for token in ("once", "again"):
            insert_columns(client, "window_log", columns, token=token)
    wait_for("the windows", lambda: bool(the_model(open_api)["recent"]))
    model = the_model(open_api)
    assert model["recent"] == [n / 100 for n in numbers][-24:]
    assert (model["accuracy"], model["health"]) == (0.29, "healthy")


def test_what_a_version_was_worth_is_not_said_of_its_successor(open_api: httpx.Client, settings: Settings) -> None:
    promoted: dict[str, list[Any]] = {
        "model": ["fraud"],
        "version": ["3"],
        "action": ["promoted"],
        "at": [int(time.time() * 1000)],
    }
    with connect(settings.clickhouse) as client:
        insert_columns(client, "model_version_log", promoted, token="promoted")
    wait_for("the promotion", lambda: the_model(open_api)["version"] == "3")
    model = the_model(open_api)
    assert (model["accuracy"], model["recent"][-1]) == (None, 0.29)


def test_health_tells_errors_of_the_last_day_and_a_worker_that_is_away(
    open_api: httpx.Client, settings: Settings
) -> None:
    now_ms = int(time.time() * 1000)
    letters: dict[str, list[Any]] = {
        "reason": ["not-json", "not-json", "schema"],
        "offset": [1, 2, 3],
        "logged_at": [now_ms, now_ms - 23 * HOUR_MS, now_ms - 25 * HOUR_MS],
    }
    notice = {"notice_id": "n", "incident_id": "i", "model": "fraud", "status": "failed", "at": now_ms}
    tries = {name: [value, value] for name, value in notice.items()} | {"channel": ["mail", "chat"], "attempt": [5, 5]}
    succeeded = notice | {"channel": "chat", "attempt": 6, "status": "delivered"}
    with connect(settings.clickhouse) as client:
        insert_columns(client, "dead_letter_log", letters, token="letters")
        insert_columns(client, "delivery_log", tries, token="tries")
        insert_columns(client, "delivery_log", {name: [value] for name, value in succeeded.items()}, token="at last")
    health = open_api.get("/api/v1/health").json()
    assert health["errors"] == {"dead_letters": {"not-json": 2}, "failed_deliveries": {"mail": 1}}
    assert health["clickhouse"] == "ok"
    assert health["workers"][f"127.0.0.1:{settings.worker_port}"].startswith("does not answer")
