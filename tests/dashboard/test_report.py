"""The report of a period, opened in a real browser that has no network."""

import math
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from playwright.sync_api import Browser, Page, sync_playwright
from typer.testing import CliRunner

from driftline.main import app
from driftline_schemas.clickhouse import connect, insert_columns
from tests.databases import Databases
from tests.tools import program

MODEL = "<script>alert('model')</script>\"'&amp;"
FEATURE = "</title><img src=x onerror=alert(2)>"
HEADLINE = "errors rose <svg onload=alert(3)>"
START, HOURS, PER_HOUR = datetime(2026, 3, 1, tzinfo=UTC), 14 * 24, 10
CHANGE_HOUR = 200


@pytest.fixture(scope="module")
def model(databases: Databases) -> Iterator[None]:
    """Two weeks of a model, which went wrong in the second one; no test changes them."""
    with databases.lent() as database, pytest.MonkeyPatch.context() as patch:
        address = f"http://{database.username}@{database.host}:{database.port}/{database.database}"
        patch.setenv("DRIFTLINE_CLICKHOUSE", address)
        with closing(connect(database)) as client:
            _predictions(client)
            _drift(client)
            _incident(client)
            _retrain(client)
        yield


def _at(hour: float) -> int:
    return int(1000 * (START.timestamp() + 3600 * hour))


def _insert(client: Client, table: str, **row: Any) -> None:
    insert_columns(client, table, {name: [value] for name, value in row.items()}, token=f"{table}-{time.time_ns()}")


def _predictions(client: Client) -> None:
    """Ten an hour; nine of ten are right at first, half of them since the change. Version 2 serves the last days."""
    numbers = range(HOURS * PER_HOUR)
    wrong = [n % (2 if n // PER_HOUR >= CHANGE_HOUR else 10) == 0 for n in numbers]
    versions = ["2" if n // PER_HOUR >= 300 else "1" for n in numbers]
    shared: dict[str, Sequence[Any]] = {
        "model": [MODEL] * len(numbers),
        "version": versions,
        "event_id": [str(n) for n in numbers],
        "prediction": ["ok"] * len(numbers),
        "partition": [0] * len(numbers),
    }
    times = [_at(n / PER_HOUR) for n in numbers]
    values: Sequence[Any] = [
        {FEATURE: n % 7 + (5.0 if n // PER_HOUR >= CHANGE_HOUR else 0.0), "still": n % 5} for n in numbers
    ]
    insert_columns(
        client, "prediction_log", {**shared, "timestamp": times, "features": values, "offset": list(numbers)}, "p"
    )
    labels: dict[str, Sequence[Any]] = {
        "label": ["fraud" if each else "ok" for each in wrong],
        "joined": [1] * len(numbers),
        "prediction_value": [math.nan] * len(numbers),
        "label_value": [math.nan] * len(numbers),
        "error": [float(each) for each in wrong],
        "predicted_at": times,
        "timestamp": [at + 3_600_000 for at in times],
        "offset": [len(numbers) + n for n in numbers],
    }
    insert_columns(client, "outcome_log", shared | labels, "o")


def _drift(client: Client) -> None:
    for kind, feature in (("concept-drift", ""), ("data-drift", FEATURE), ("quality", "still")):
        _insert(
            client, "drift_log", drift_id=f"d-{kind}", model=MODEL, version="1", kind=kind, feature=feature,
            detector="adwin", statistic=0.4, threshold=0.05, direction="up", before=0.1, after=0.5,
            detected_at=_at(CHANGE_HOUR + 9), change_at=_at(CHANGE_HOUR),
        )  # fmt: skip


def _incident(client: Client) -> None:
    _insert(
        client, "incident_log", incident_id="i", notice_id="n", step="opened", state="open", severity="critical",
        model=MODEL, version="1", kinds=["concept-drift"], alerts=1, headline=HEADLINE, evidence=["0.1 to 0.5"],
        since=_at(CHANGE_HOUR), opened_at=_at(CHANGE_HOUR + 9), at=_at(CHANGE_HOUR + 9),
    )  # fmt: skip


def _retrain(client: Client) -> None:
    """One of the drift, whose steps were taken long after: the history was replayed."""
    _insert(
        client, "retrain_request_log", retrain_id="r", model=MODEL, version="1", reason="concept-drift",
        drift_ids=["d-concept-drift"],
    )  # fmt: skip
    _insert(
        client, "retrain_log", retrain_id="r", model=MODEL, sequence=0, status="promoted", final=True, version="1",
        challenger_version="2", reason="concept-drift", rows=800, shadow_rows=150, evidence=240.0,
        explanation="version 2 is better", champion_accuracy=0.5, challenger_accuracy=0.9,
        at=int(1000 * time.time()),
    )  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """It reaches nothing but files; whatever it complains of, or a script says, fails the test."""
    complaints: list[str] = []
    asked: list[str] = []
    with closing(browser.new_context(offline=True)) as context:
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"a script spoke: {dialog.message}"))
        page.on("request", lambda request: asked.append(request.url))
        yield page
    assert complaints == []
    assert [url for url in asked if not url.startswith("file://")] == []
    assert len(asked) == 1


def report(out: Path, *arguments: str) -> str:
    result = CliRunner().invoke(app, ["report", MODEL, "--out", str(out), *arguments])
    assert result.exit_code == 0, result.output
    return out.read_text("utf-8")


@pytest.mark.usefixtures("model")
def test_it_says_and_draws_what_happened_and_nothing_in_it_can_act(page: Page, tmp_path: Path) -> None:
    text = report(tmp_path / "report.html", "--since", "7d")
    assert "://" not in text  # no address of anything
    page.goto((tmp_path / "report.html").as_uri())
    assert page.locator("h1").inner_text() == MODEL
    assert page.locator("script, img, iframe, link, [onload], [onerror]").count() == 0

    story = page.locator(".story").inner_text()
    assert "made 1,680 predictions, by versions 1 and 2" in story
    assert re.search(r"accuracy 5[0-9]\.\d %, worse than the 90\.0 % in the period of the same length before", story)
    assert "3 drifts found" in story
    assert f"{FEATURE} changed most" in story
    assert "1 retrain: 1 promoted" in story
    assert "There was 1 incident, which is not resolved." in story

    charts = page.locator("figure > svg")
    assert charts.count() == 4  # traffic, performance, two features
    for number in range(4):
        box = charts.nth(number).bounding_box()
        assert box is not None
        assert box["width"] > 500
        assert box["height"] > 100
    performance = charts.nth(1)
    assert performance.locator("polyline").count() == 2  # of two versions
    assert performance.locator(".mark text").all_text_contents() == ["v", "Δ", "!"]
    assert charts.nth(0).locator("rect").count() > 20
    for heading in ("Incidents", "Drifts", "Retrains and promotions", "Quality of the data", "How this was measured"):
        assert page.get_by_role("heading", name=heading, exact=True).is_visible()
    assert page.get_by_role("heading", name=HEADLINE).is_visible()
    assert "version 2 is better" in page.locator("body").inner_text()


@pytest.mark.usefixtures("model")
def test_a_period_before_anything_happened(page: Page, tmp_path: Path) -> None:
    report(tmp_path / "report.html", "--since", START.isoformat(), "--until", "2026-03-03T00:00:00Z")
    page.goto((tmp_path / "report.html").as_uri())
    story = page.locator(".story").inner_text()
    assert "made 480 predictions, by version 1" in story
    assert "accuracy 90.0 %. No drift was found. There was no incident." in story


@pytest.mark.usefixtures("model")
def test_a_period_without_anything(page: Page, tmp_path: Path) -> None:
    report(tmp_path / "report.html", "--until", "2020-01-01")
    page.goto((tmp_path / "report.html").as_uri())
    assert "made 0 predictions, by no version. No label has come" in page.locator(".story").inner_text()
    assert page.locator("figure").count() == 0


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody"], "nothing is stored of a model 'nobody'"),
        ([MODEL, "--since", "yesterday"], "--since: 'yesterday' is not valid"),
        ([MODEL, "--since", "2026-03-05", "--until", "2020-01-01"], "expected a time before 2020-01-01"),
    ],
    ids=["model", "since", "empty"],
)
def test_a_mistake_is_one_line_and_leaves_no_file(arguments: list[str], said: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["report", *arguments, "--out", str(tmp_path / "report.html")])
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []
