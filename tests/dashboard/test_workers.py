"""How the page learns how each worker is."""

from dataclasses import replace

from driftline.stack.ports import draw_port
from driftline_dashboard.workers import ask_workers
from driftline_schemas.pages import Page, document, served
from driftline_schemas.settings import Settings


def ok() -> Page:
    return document({"status": "ok"})


def degraded() -> Page:
    return document({"status": "degraded", "kafka": "away", "clickhouse": "ok"}, 503)


def test_every_worker_that_is_named_is_asked() -> None:
    well, ill, gone, other = (draw_port() for _ in range(4))
    places = [f"127.0.0.1:{port}" for port in (well, ill, gone, other)]
    settings = Settings.from_environment({"DRIFTLINE_DASHBOARD_WORKERS": ", ".join(places)})
    with (
        served("127.0.0.1", well, {"/healthz": ok}),
        served("127.0.0.1", ill, {"/healthz": degraded}),
        served("127.0.0.1", other, {"/": ok}),
    ):
        said = ask_workers(settings)
        assert list(said) == places
        assert list(said.values())[:2] == ["ok", "degraded, kafka: away"]
        assert said[places[2]].startswith("does not answer (")
        assert said[places[3]] == "what answers is not a worker"
        unnamed = replace(settings, worker_port=well, dashboard=replace(settings.dashboard, workers=()))
        assert ask_workers(unnamed) == {places[0]: "ok"}
