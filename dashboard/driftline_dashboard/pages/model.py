"""One model in a window of time: how good, since when, which features, and what is done about it."""

import asyncio
from collections.abc import Mapping, Sequence

from markupsafe import Markup
from nicegui import ui

from driftline_dashboard.api.model import ModelHistory
from driftline_dashboard.charts import distribution, performance, traffic
from driftline_dashboard.pages.actions import Actions
from driftline_dashboard.pages.features import feature_table
from driftline_dashboard.pages.frame import choices
from driftline_dashboard.pages.incident import drift_table
from driftline_dashboard.pages.incidents import cards
from driftline_dashboard.pages.live import SELDOM_SECONDS, Chart, Text, keep_up
from driftline_dashboard.pages.retrains import retrain_table
from driftline_dashboard.pages.segments import segment_section
from driftline_dashboard.pages.text import (
    NONE,
    address,
    at,
    duration,
    empty,
    figures,
    link,
    model_path,
    number,
    share,
    state,
)
from driftline_dashboard.pages.visit import Visit
from driftline_dashboard.queries.features import FeatureDrift
from driftline_dashboard.queries.incidents import Incident
from driftline_dashboard.queries.retrains import Retrain
from driftline_dashboard.queries.segments import SegmentPerformance
from driftline_dashboard.stretches import beginnings
from driftline_dashboard.windows import DEFAULT_FROM

WINDOWS = {"24h": "24 h", "7d": "7 days", "30d": "30 days", "90d": "90 days", "all": "All"}
_KEPT = ("from", "until", "version", "compare", "feature")
_PERFORMANCE = (
    "By the labels in force, at the time of the prediction. Lines: v a version begins to serve, Δ the errors change, "
    "! an incident begins"
)


class _Sections:
    """The places of the page, in their order."""

    def __init__(self) -> None:
        self.figures, self.incidents = Text(), Text()
        self.performance = _chart("Performance", _PERFORMANCE, "320px")
        with ui.element("section"):
            self.features_head, self.features_told, self.features = Text(), Text(), Text("panel")
        self.distribution = _chart("Distribution", "Of the feature that is chosen above", "240px")
        self.segments = Text()
        with ui.element("div").classes("pair"):
            self.volume = _chart("Predictions", "By version", "220px")
            self.latency = _chart("Latency", "As the service reports it", "220px")
        self.delay = _chart("Label delay", "From the prediction to its label", "220px")
        self.drifts, self.retrains = Text(), Text()


def _chart(title: str, about: str, height: str) -> Chart:
    with ui.element("section").classes("panel padded"):
        ui.html(Markup("<h2>{}</h2><p class='hint'>{}</p>").format(title, about), sanitize=False)
        return Chart(f"{title}: {about}", height)


def model(visit: Visit) -> None:
    """The page."""
    name = visit.named("model")
    query = {key: visit.query.get(key, "") for key in _KEPT}
    asked = {"from_": query["from"] or DEFAULT_FROM, **{key: query[key] for key in ("until", "version", "compare")}}
    path = model_path(name)
    with visit.frame(name) as told:
        head = Text("wide")
        controls = ui.row().classes("controls")
        sections = _Sections()
        drawn: list[str] = []

        async def look() -> None:
            history, incidents, retrains = await asyncio.gather(
                visit.api.get(path, ModelHistory, **asked),
                visit.api.get("/incidents", list[Incident], model=name, limit=20),
                visit.api.get("/retrains", list[Retrain], model=name, limit=20),
            )
            if not drawn:
                drawn.append(name)
                with controls:
                    _controls(visit, name, query, history)
            unresolved = [each for each in incidents if each.state != "resolved"]
            head.show(_head(history, unresolved))
            sections.figures.show(_figures(history))
            sections.incidents.show(cards(unresolved))
            _show_charts(sections, history, incidents)
            sections.drifts.show(_drifts(history))
            sections.retrains.show(_retrains(retrains))

        async def look_closer() -> None:
            features, segments = await asyncio.gather(
                visit.api.get(f"{path}/features", list[FeatureDrift], **asked),
                visit.api.get(f"{path}/segments", list[SegmentPerformance], **asked),
            )
            _show_features(sections, features, name, query)
            sections.segments.show(segment_section(segments))

        keep_up(look, told)
        keep_up(look_closer, sections.features_told, SELDOM_SECONDS)


def _show_charts(sections: _Sections, history: ModelHistory, incidents: Sequence[Incident]) -> None:
    began = beginnings(history.versions, history.traffic)
    marks = performance.what_happened(began, history.drifts, incidents)
    sections.performance.show(performance.performance(history.performance, marks))
    sections.volume.show(traffic.volume(history.traffic))
    sections.latency.show(traffic.latency(history.traffic))
    sections.delay.show(traffic.label_delay(history.performance))


def _controls(visit: Visit, name: str, query: Mapping[str, str], history: ModelHistory) -> None:
    path = model_path(name)
    ui.html(choices("from", WINDOWS, query["from"] or DEFAULT_FROM, path, query), sanitize=False)
    versions = [served.version for served in history.versions]
    for key, label, none in (("version", "Version", "All versions"), ("compare", "Compared with", "First predictions")):
        options = {"": none, **{version: f"version {version}" for version in versions if version}}
        chosen = query[key] if query[key] in options else ""
        ui.select(
            options,
            label=label,
            value=chosen,
            on_change=lambda event, key=key: ui.navigate.to(address(path, {**query, key: event.value})),
        ).props("dense outlined").classes("version")
    actions = Actions(visit, "admin")
    actions.add("Retrain", f"{path}/retrain")
    actions.add("Roll back", f"{path}/rollback")


def _head(history: ModelHistory, unresolved: Sequence[Incident]) -> Markup:
    serving = history.versions[0]
    health = unresolved[0].severity if unresolved else "healthy"
    return Markup(
        '<nav class="crumbs" aria-label="Where this is">{models} / {model}</nav><h1>{model}</h1>'
        '<div class="meta">{health}<span>version {version} serves, first at {since}</span>'
        "<span>last prediction {last}</span></div>"
    ).format(
        models=link("/", "Models"),
        model=history.model,
        health=state(health),
        version=serving.version or NONE,
        since=at(serving.first_at),
        last=at(serving.last_at),
    )


def _figures(history: ModelHistory) -> Markup:
    labels = sum(point.labels for point in history.performance)
    right = sum(point.labels * point.accuracy for point in history.performance if point.accuracy is not None)
    wrong = sum(point.labels * point.mae for point in history.performance if point.mae is not None)
    of_classes = any(point.accuracy is not None for point in history.performance)
    good = share(right / labels) if of_classes else number(wrong / labels) if labels else NONE
    predictions = sum(point.predictions for point in history.traffic)
    slowest = max((point.latency_p95_ms for point in history.traffic if point.latency_p95_ms is not None), default=None)
    latest = max((p.delay_p95_seconds for p in history.performance if p.delay_p95_seconds is not None), default=None)
    return figures(
        (
            ("Accuracy" if of_classes else "Mean absolute error", good, f"on {labels:,} labels"),
            ("Predictions", number(predictions, "", 9), f"{_coverage(labels, predictions)} with a label"),
            ("Drifts", number(len(history.drifts)), "in this window"),
            ("Label delay", NONE if latest is None else duration(latest), "highest 95th percentile"),
            ("Latency", number(slowest, "ms"), "highest 95th percentile"),
        )
    )


def _coverage(labels: int, predictions: int) -> str:
    return f"{100 * min(1, labels / predictions):.0f} %" if predictions else "none"


def _show_features(sections: _Sections, features: list[FeatureDrift], name: str, query: Mapping[str, str]) -> None:
    against = f"the first predictions of version {query['compare']}" if query["compare"] else "the first predictions"
    hint = f"Ranked by how far they are from {against}: population stability index, of whole hours, a week at most."
    sections.features_head.show(Markup("<h2>Features</h2><p class='hint'>{}</p>").format(hint))
    if not features:
        sections.features.show(empty("No prediction of this window carries a feature", "Choose a longer window."))
        return
    sections.features.show(feature_table(features, name, query))
    chosen = next((each for each in features if each.feature == query["feature"]), features[0])
    sections.distribution.show(distribution.distribution(chosen))


def _drifts(history: ModelHistory) -> Markup:
    if history.drifts:
        content = drift_table(history.drifts)
    else:
        content = empty("No drift was found in this window", "Choose a longer one to see earlier drifts.")
    return Markup('<section><h2>Drifts</h2><div class="panel">{}</div></section>').format(content)


def _retrains(retrains: list[Retrain]) -> Markup:
    if retrains:
        content = retrain_table(retrains, of_one_model=True)
    else:
        content = empty("No retrain yet", "A confirmed drift of the errors asks for one by itself.")
    return Markup('<section><h2>Retrains</h2><div class="panel">{}</div></section>').format(content)
