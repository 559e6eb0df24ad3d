"""All models: what needs somebody first."""

from collections.abc import Sequence

from markupsafe import Markup
from nicegui import ui

from driftline_dashboard.charts.small import sparkline
from driftline_dashboard.pages.incidents import cards
from driftline_dashboard.pages.live import Text, keep_up
from driftline_dashboard.pages.text import NONE, address, ago, empty, link, model_path, number, share, state, table
from driftline_dashboard.pages.visit import Visit
from driftline_dashboard.queries.incidents import Incident
from driftline_dashboard.queries.models import ModelList
from driftline_dashboard.queries.summaries import ModelSummary

PAGE = 50
URGENT = 5

_HEADS = (
    "Health",
    "Model",
    "Version",
    "Accuracy#",
    "Recently",
    "Predictions#",
    "Latency#",
    "Drifts, 24 h#",
    "Last heard of#",
)
_FIRST_STEPS = Markup(
    "Emit from your service (<code>InferenceLogger(model=…, kafka=…)</code>, see the README), or try it with a file: "
    "<code>driftline replay events.jsonl --model fraud</code>. The model appears here within seconds; nobody has to "
    "configure it."
)


def overview(visit: Visit) -> None:
    """The page."""
    search, offset = visit.query.get("search", ""), visit.whole("offset")
    with visit.frame("Models") as told:
        with ui.element("div").classes("title"):
            ui.html(Markup("<h1>Models</h1>"), sanitize=False)
            _search(search)
        urgent, counts, found, pages = Text("urgent"), Text(), Text("panel"), Text()

        async def look() -> None:
            models = await visit.api.get("/models", ModelList, search=search, limit=PAGE, offset=offset)
            incidents = await visit.api.get("/incidents", list[Incident], state="open", limit=URGENT)
            urgent.show(cards(incidents, "Open incidents"))
            counts.show(_counts(models))
            found.show(_table(models.models) if models.models else _nothing(search))
            pages.show(_pages(visit, models.total, offset))

        keep_up(look, told)


def _search(search: str) -> None:
    def go() -> None:
        ui.navigate.to(address("/", {"search": field.value}))

    field = ui.input("Search models", value=search).props("dense outlined clearable").classes("search")
    field.on("keydown.enter", go).on("clear", lambda: ui.navigate.to("/"))


def _counts(models: ModelList) -> Markup:
    return Markup('<div class="counts">{}</div>').format(
        Markup("").join(
            Markup("<span>{} <b>{}</b></span>").format(state(health), count)
            for health, count in models.by_health.items()
            if count
        )
    )


def _table(models: Sequence[ModelSummary]) -> Markup:
    return table(_HEADS, [_row(model) for model in models], "Models, those in need first")


def _row(model: ModelSummary) -> tuple[object, ...]:
    good = share(model.accuracy) if model.accuracy is not None else number(model.mae, "MAE") if model.mae else NONE
    name = link(model_path(model.model), model.model)
    return (
        state(model.health),
        Markup("{}<small class='owner'>{}</small>").format(name, model.owner) if model.owner else name,
        model.version or NONE,
        good,
        sparkline(model.recent, f"last {len(model.recent)} windows"),
        _rate(model.predictions_per_second),
        number(model.latency_ms, "ms"),
        model.drifts or NONE,
        ago(model.last_logged_at),
    )


def _rate(per_second: float | None) -> Markup:
    if per_second is None or per_second >= 1:
        return number(per_second, "/s")
    return number(per_second * 60, "/min") if per_second * 60 >= 1 else number(per_second * 3600, "/h")


def _nothing(search: str) -> Markup:
    if search:
        return empty(f"No model's name contains “{search}”", link("/", "Show all models"))
    return empty("No model has sent anything yet", _FIRST_STEPS)


def _pages(visit: Visit, total: int, offset: int) -> Markup:
    if total <= PAGE:
        return Markup("")
    before = link("/", "Previous", {**visit.query, "offset": str(max(0, offset - PAGE))}) if offset else ""
    after = link("/", "Next", {**visit.query, "offset": str(offset + PAGE)}) if offset + PAGE < total else ""
    shown = f"{offset + 1} to {min(offset + PAGE, total)} of {total:,}"
    return Markup('<nav class="pages" aria-label="Pages">{} <span>{}</span> {}</nav>').format(before, shown, after)
