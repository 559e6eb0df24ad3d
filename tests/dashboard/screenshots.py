"""Pictures of the pages for the documentation: `python -m tests.dashboard.screenshots [FOLDER]`.

Starts a stack of its own and plays the scenario of the tests on it.
"""

import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from clickhouse_connect.driver.client import Client
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright

from driftline.stack.stack import Stack
from driftline_dashboard.acts import retrains
from driftline_dashboard.store import Store
from driftline_producers import InferenceLogger
from driftline_registry import open_registry
from driftline_schemas.clickhouse import connect
from driftline_schemas.settings import Settings
from tests.dashboard.scenario import BEFORE, MODEL, STALE, make_events, register_first, serve, specify, the_incident
from tests.stream_processors.harness import wait_for

IMAGES = Path(__file__).parent.parent.parent / "docs" / "images"
OTHERS = ("churn", "delivery-time", "search-ranking", "credit-limit")
DESK, PHONE = ViewportSize(width=1200, height=700), ViewportSize(width=390, height=760)
TALL = ViewportSize(width=1200, height=1560)
SOON_MS = 60_000
DARK = ("incident", "system")
WAITING = "SELECT retrain_id FROM retrains WHERE startsWith(explanation, 'a person must approve')"


def until_the_incident(settings: Settings, client: Client, folder: Path) -> dict[str, str]:
    """Let a model go stale; the paths of the pages that say so."""
    registry, events = open_registry(settings.registry), make_events()
    register_first(registry, events, folder / "artifact")
    specify(settings, client)
    for number, model in enumerate(OTHERS):
        with InferenceLogger(model, kafka=settings.kafka, version="7", topic_prefix=settings.topic_prefix) as logger:
            for n in range(1_200):
                event_id = logger.log(events.features(n), "ok", timestamp_ms=events.times_ms[n + 1200], latency_ms=4.0)
                is_wrong = (n * 7 + number) % (9 + 3 * number) == 0
                logger.outcome(event_id, "bad" if is_wrong else "ok", timestamp_ms=events.times_ms[n + 1250])
    serve(settings, registry, events, 0, BEFORE + STALE)
    wait_for("a retrain that waits", lambda: bool(client.query(WAITING).result_rows))
    return {"overview": "/", "incident": f"/incidents/{the_incident(client)}"}


def until_the_promotion(settings: Settings, client: Client) -> dict[str, str]:
    """Let its retrain be approved and run; the paths of the other pages."""
    registry, events = open_registry(settings.registry), make_events()
    [[retrain_id]] = client.query(WAITING).result_rows
    retrains.decide(
        settings, Store(settings.clickhouse), retrain_id, approved=True, by="ana", reason="the change is real"
    )
    wait_for("a promotion", lambda: registry.champion_version(MODEL) != "1", 120)
    serve(settings, registry, events, BEFORE + STALE, len(events.labels))
    wait_for("its predictions", lambda: bool(client.query("SELECT 1 FROM predictions WHERE version = '2'").result_rows))
    return {
        "model": f"/models/{MODEL}?from=all",
        "retrains": f"/retrains?model={MODEL}",
        "ledger": "/ledger",
        "system": "/system",
    }


def take(browser: Browser, url: str, path: str, file: Path, size: ViewportSize, *, dark: bool = False) -> None:
    """One picture."""
    page = browser.new_page(viewport=size, color_scheme="dark" if dark else "light")
    page.goto(url + path)
    expect(page.get_by_text("Loading")).to_have_count(0, timeout=SOON_MS)
    page.wait_for_function("!document.querySelector('.chart') || document.querySelector('.chart path')")
    page.screenshot(path=file)
    page.close()


def main(images: Path) -> None:
    """Take them all."""
    images.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        quick = {"DRIFTLINE_BLOCK_RECORDS": "50", "DRIFTLINE_RETRAIN_COOLDOWN_SECONDS": "0"}
        site = Stack(folder / "state", environment={**os.environ, **quick})
        stack.callback(site.down)
        site.up()
        settings = Settings.from_environment(site.environment())
        client = stack.enter_context(connect(settings.clickhouse))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        url = f"http://127.0.0.1:{settings.dashboard.port}"

        def take_all(pages: dict[str, str]) -> None:
            for name, path in pages.items():
                take(browser, url, path, images / f"{name}.png", TALL if name == "model" else DESK, dark=name in DARK)

        take_all(until_the_incident(settings, client, folder))
        take_all(until_the_promotion(settings, client))
        take(browser, url, f"/models/{MODEL}?from=all", images / "phone.png", PHONE, dark=True)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
