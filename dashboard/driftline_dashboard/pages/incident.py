"""One incident: what happened, how sure that is, what is done about it, and what people did."""

from urllib.parse import quote

from markupsafe import Markup

from driftline_dashboard.api.incidents import IncidentHistory
from driftline_dashboard.pages.actions import Actions
from driftline_dashboard.pages.live import Text, keep_up
from driftline_dashboard.pages.text import NONE, ago, at, empty, link, model_path, number, state, table
from driftline_dashboard.pages.visit import Visit
from driftline_dashboard.queries.drifts import Drift
from driftline_dashboard.queries.incidents import Delivery, Incident

VERDICTS = {"true-drift": "A true drift", "false-alarm": "A false alarm", "expected": "Expected"}
SILENCE_MINUTES = {"60": "1 hour", "480": "8 hours", "1440": "1 day", "10080": "1 week"}


def incident(visit: Visit) -> None:
    """The page."""
    path = f"/incidents/{quote(visit.named('incident_id'), safe='')}"
    with visit.frame("Incident") as told:
        head = Text("wide")
        actions = Actions(visit, "operator")
        actions.add("Acknowledge", f"{path}/acknowledge", words="comment")
        actions.add("Resolve", f"{path}/resolve", words="comment")
        actions.add("Judge", f"{path}/judge", words="comment", choices=("verdict", VERDICTS))
        facts, drifts, timeline, deliveries = Text(), Text(), Text(), Text()
        known: list[Incident] = []

        async def look() -> None:
            history = await visit.api.get(path, IncidentHistory)
            if not known:
                known.append(history.incident)
                _add_silence(actions, history.incident)
            head.show(_head(history.incident))
            facts.show(_facts(history.incident))
            drifts.show(_section("Drifts", _drifts(history.drifts)))
            timeline.show(_section("Timeline", _timeline(history.timeline)))
            deliveries.show(_section("Who was told", _deliveries(history.deliveries)))

        keep_up(look, told)


def _add_silence(actions: Actions, about: Incident) -> None:
    body = {"model": about.model, "kinds": about.kinds, "segments": about.segments}
    actions.add("Silence", "/silences", words="comment", body=body, choices=("minutes", SILENCE_MINUTES))


def _head(incident: Incident) -> Markup:
    where = f" · {', '.join(incident.segments)}" if incident.segments else ""
    return Markup(
        '<nav class="crumbs" aria-label="Where this is">{incidents} / {model}</nav><h1>{headline}</h1>'
        '<div class="meta">{severity}{state}<span>version {version}{where}</span><span>since {since}</span>'
        "<span>opened {opened}</span><span>{owner}</span></div>"
    ).format(
        incidents=link("/incidents", "Incidents"),
        model=link(model_path(incident.model), incident.model),
        headline=incident.headline,
        severity=state(incident.severity),
        state=state(incident.state),
        version=incident.version or NONE,
        where=where,
        since=at(incident.since),
        opened=ago(incident.opened_at),
        owner=incident.owner,
    )


def _facts(incident: Incident) -> Markup:
    evidence = Markup("").join(Markup("<li>{}</li>").format(line) for line in incident.evidence)
    verdict = VERDICTS.get(incident.verdict, "") if incident.verdict else "Not judged yet"
    pairs = (
        ("Likely cause", incident.cause or "Not known"),
        ("What the system does", incident.remedy or "Nothing so far"),
        ("Concerns", ", ".join([*incident.kinds, *incident.features])),
        ("Verdict", verdict),
    )
    facts = Markup("").join(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(*pair) for pair in pairs)
    return Markup('<dl class="facts panel">{}<div><dt>Evidence</dt><dd><ul>{}</ul></dd></div></dl>').format(
        facts, evidence
    )


def _section(title: str, content: Markup) -> Markup:
    return Markup('<section><h2>{}</h2><div class="panel">{}</div></section>').format(title, content)


def _drifts(drifts: list[Drift]) -> Markup:
    if not drifts:
        return empty("No drift is stored", "They appear as soon as the worker has stored its block.")
    return drift_table(drifts)


def drift_table(drifts: list[Drift]) -> Markup:
    """What was found, with its figures."""
    heads = ("Detected", "Since", "What", "Detector", "Before#", "Now#", "Statistic#", "Threshold#")
    rows = [
        (
            at(drift.detected_at),
            at(drift.change_at),
            " ".join((drift.kind, drift.feature, *map("=".join, drift.segment.items()))),
            drift.detector,
            number(drift.before),
            number(drift.after),
            number(drift.statistic),
            number(drift.threshold),
        )
        for drift in drifts
    ]
    return table(heads, rows, "Drifts")


def _timeline(steps: list[Incident]) -> Markup:
    rows = [
        (ago(step.at), step.step, state(step.severity), state(step.state), step.by or "Driftline", step.comment or NONE)
        for step in steps
    ]
    return table(("When", "Step", "Severity", "State", "By", "Words"), rows, "Timeline, newest first")


def _deliveries(deliveries: list[Delivery]) -> Markup:
    if not deliveries:
        return empty(
            "Nobody was told", Markup("Name channels and routes in the file of <code>DRIFTLINE_ALERTING</code>.")
        )
    rows = [
        (ago(d.at), d.channel, state(d.status), d.attempt, number(d.milliseconds, "ms"), d.error or NONE)
        for d in deliveries
    ]
    return table(("When", "Channel", "Result", "Try#", "Took#", "Error"), rows, "Deliveries, newest first")
