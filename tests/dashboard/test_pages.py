"""The pages in a real browser, beside the real services: from a drift to its incident, retrain, promotion and end."""

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from driftline_registry import open_registry
from driftline_schemas.clickhouse import connect, insert_columns
from driftline_schemas.codec import decode_incident
from driftline_schemas.settings import ClickHouseAddress
from driftline_schemas.topics import Topics
from tests.dashboard.scenario import BEFORE, MODEL, STALE, make_events, register_first, serve, specify, the_incident
from tests.dashboard.stand import TOKENS, Stand, environment, running
from tests.retrain_service.stored import messages

NASTY = "<img src=x onerror=alert(1)>"
SOON_MS = 30_000

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def stand(kafka_address: str, topics: Topics, database: ClickHouseAddress, tmp_path: Path) -> Iterator[Stand]:
    variables = environment(kafka_address, topics, database, tmp_path)
    with running(variables, tmp_path, "worker", "retrain", "notify", "dashboard") as stand:
        yield stand


def log_in(page: Page, stand: Stand, role: str) -> None:
    page.get_by_label("Token").fill(TOKENS[role])
    page.get_by_role("button", name="Log in").click()


def is_step(record: Any) -> bool:
    """Whether a record of `incidents` is the notifier's."""
    return bool(dict(record.headers)["type"] == b"incident")


def confirm(page: Page, action: str, why: str) -> None:
    """Press an action's button, say why, and press it again in its dialog."""
    page.get_by_role("button", name=action, exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why?").fill(why)
    dialog.get_by_role("button", name=action, exact=True).click()
    expect(dialog).to_have_count(0)


def test_from_a_drift_to_a_promotion_and_back(stand: Stand, browser: Browser, tmp_path: Path) -> None:
    settings = stand.settings
    registry, events = open_registry(settings.registry), make_events()
    asked: list[str] = []
    with ExitStack() as stack:
        context = stack.enter_context(browser.new_context())
        client = stack.enter_context(connect(settings.clickhouse))
        expect.set_options(timeout=SOON_MS)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: pytest.fail(f"a stranger's script ran: {dialog.message}"))

        # Nobody has sent anything: the page says what to do, once one has logged in, and goes where one wanted to be.
        page.goto(f"{stand.url}/?search=")
        log_in(page, stand, "operator")
        expect(page.get_by_text("No model has sent anything yet")).to_be_visible()

        # The model appears by itself.
        register_first(registry, events, tmp_path / "artifact")
        specify(settings, client)
        serve(settings, registry, events, 0, BEFORE + STALE)
        expect(page.get_by_role("table", name="Models").get_by_role("link", name=MODEL, exact=True)).to_be_visible()

        # A drift of errors becomes an incident, which the overview puts first; it is followed and acknowledged.
        incident_id = the_incident(client)
        page.locator(f"a[href*='{incident_id}']").first.click()
        expect(page.get_by_role("heading", name=re.compile(f"^{MODEL} 1: error rose from "))).to_be_visible()
        expect(page.get_by_role("table", name="Drifts")).to_contain_text("concept-drift")
        confirm(page, "Acknowledge", "on it")
        expect(page.get_by_role("table", name="Timeline")).to_contain_text("on it")
        acts = (each for each in messages(settings.kafka, settings.topics.incidents.name) if not is_step(each))
        (act,) = (decode_incident(dict(each.headers)["type"].decode(), each.value) for each in acts)
        assert act.model_dump(include={"incident_id", "action", "by", "comment"}) == {
            "incident_id": incident_id,
            "action": "acknowledge",
            "by": "operator",
            "comment": "on it",
        }

        # The model's page shows since when, which feature, and the retrain that waits.
        page.get_by_role("link", name=MODEL, exact=True).first.click()
        page.get_by_role("link", name="24 h", exact=True).click()
        features = page.get_by_role("table", name="Features")
        expect(features.get_by_role("row").nth(1)).to_contain_text("amount")
        expect(features.get_by_role("row").nth(1)).to_contain_text("Changed")
        page.get_by_role("link", name="All", exact=True).click()
        expect(page.locator(".chart").first.get_by_text("Δ").first).to_be_visible()
        page.get_by_role("table", name="Segments").get_by_text("country = DE").wait_for()
        says_why_it_is_disabled(page, "Roll back", "Actions need a token of role admin; see docs/dashboard.md.")

        # Approved by the operator, the retrain ends in a promotion; the page shows it without a reload.
        page.get_by_role("table", name="Retrains").get_by_text("needs you").wait_for()
        row = page.get_by_role("table", name="Retrains").get_by_role("row").filter(has_text="needs you").first
        row.get_by_role("link").click()
        page.evaluate("window.sameDocument = true")
        confirm(page, "Approve", "the change is real")
        expect(page.get_by_role("table", name="Steps").get_by_text("Promoted").first).to_be_visible()
        assert page.evaluate("window.sameDocument")
        assert registry.champion_version(MODEL) != "1"

        # The new version serves; an admin takes it back.
        serve(settings, registry, events, BEFORE + STALE, len(events.labels))
        page.get_by_role("button", name="Log out").click()
        log_in(page, stand, "admin")
        page.goto(f"{stand.url}/models/{MODEL}?from=all")
        expect(page.locator(".chart").first.get_by_text("v2").first).to_be_visible()
        confirm(page, "Roll back", "a drill")
        page.get_by_role("link", name="Retrains").click()
        expect(page.get_by_role("table", name="Versions").get_by_text("Rolled back")).to_be_visible()
        assert registry.champion_version(MODEL) == "1"

        # The other pages; names that strangers chose stay text.
        page.get_by_role("link", name="Ledger").click()
        expect(page.get_by_text("everything adds up")).to_be_visible()
        page.get_by_role("link", name="System").click()
        expect(page.get_by_role("table", name="Partitions")).to_be_visible()
        expect(page.get_by_text("No error in the last 24 hours")).to_be_visible()
        expect(page.locator("dl.figures > div", has_text="Worker").get_by_text("Healthy")).to_be_visible()
        insert_columns(client, "prediction_log", {"model": [NASTY], "event_id": ["1"], "timestamp": [1]}, token="nasty")
        page.goto(f"{stand.url}/models/{quote(NASTY, safe='')}?from=all")
        expect(page.get_by_role("heading", name=NASTY)).to_be_visible()

        usable_by_keyboard_on_a_phone_and_in_the_dark(page, stand)
    assert {url for url in asked if not url.startswith((stand.url, "data:", "blob:"))} == set()


def says_why_it_is_disabled(page: Page, action: str, why: str) -> None:
    """Whoever sees the page on a phone, and whoever hears it, learns it."""
    button, desk = page.get_by_role("button", name=action), page.viewport_size
    expect(button).to_be_disabled()
    expect(button).to_have_accessible_description(why)
    page.set_viewport_size({"width": 360, "height": 740})
    expect(page.get_by_text(why)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.set_viewport_size(desk or {"width": 1280, "height": 720})


def usable_by_keyboard_on_a_phone_and_in_the_dark(page: Page, stand: Stand) -> None:
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{stand.url}/models/{MODEL}?from=all")
    expect(page.get_by_role("table", name="Features")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert "body--dark" in (page.locator("body").get_attribute("class") or "")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Models")
    page.keyboard.press("Enter")
    expect(page.get_by_role("table", name="Models")).to_be_visible()
