"""All incidents, and what each looks like in short."""

from collections.abc import Sequence

from markupsafe import Markup
from nicegui import ui

from driftline_dashboard.pages.frame import choices
from driftline_dashboard.pages.live import Text, keep_up
from driftline_dashboard.pages.text import ago, empty, link, model_path, state
from driftline_dashboard.pages.visit import Visit
from driftline_dashboard.queries.incidents import Incident

_STATES = {"": "All", "open": "Open", "acknowledged": "Acknowledged", "resolved": "Resolved"}


def incidents(visit: Visit) -> None:
    """The page."""
    chosen = visit.query.get("state", "")
    with visit.frame("Incidents") as told:
        with ui.element("div").classes("title"):
            ui.html(Markup("<h1>Incidents</h1>"), sanitize=False)
            ui.html(choices("state", _STATES, chosen, visit.path, visit.query), sanitize=False)
        listed = Text()

        async def look() -> None:
            model = visit.query.get("model", "")
            found = await visit.api.get("/incidents", list[Incident], state=chosen, model=model)
            listed.show(cards(found) if found else _nothing(chosen))

        keep_up(look, told)


def incident_path(incident: Incident) -> str:
    """The path of an incident's page."""
    return f"/incidents/{incident.incident_id}"


def cards(incidents: Sequence[Incident], title: str = "") -> Markup:
    """Incidents one below the other, as people on call want them: what, since when, what is done about it."""
    if not incidents:
        return Markup("")
    head = Markup("<h2>{}</h2>").format(title) if title else Markup("")
    return head + Markup('<ul class="cards">{}</ul>').format(Markup("").join(map(_card, incidents)))


def _card(incident: Incident) -> Markup:
    remedy = Markup("<p class='remedy'>{}</p>").format(incident.remedy) if incident.remedy else Markup("")
    return Markup(
        '<li class="card severity-{severity}"><div class="meta">{state}{standing}<span>{model}</span>'
        "<span>opened {opened}</span><span>{alerts}</span></div><h3>{headline}</h3>{remedy}</li>"
    ).format(
        severity=incident.severity if incident.state != "resolved" else "over",
        state=state(incident.severity),
        standing=state(incident.state),
        model=link(model_path(incident.model), incident.model),
        opened=ago(incident.opened_at),
        alerts=f"{incident.alerts} alert{'s' * (incident.alerts != 1)}",
        headline=link(incident_path(incident), incident.headline),
        remedy=remedy,
    )


def _nothing(chosen: str) -> Markup:
    if chosen:
        return empty(f"No incident is {chosen}", link("/incidents", "Show all incidents"))
    return empty(
        "No incident yet",
        Markup(
            "Alerts that belong together become one incident. <code>driftline notify</code> must run; "
            "<code>driftline alerts</code> lists single alerts."
        ),
    )
