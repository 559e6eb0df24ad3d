"""Incidents, and what people do about them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query
from pydantic import Field

from driftline_dashboard.acts import incidents as acts
from driftline_dashboard.api.paging import Limit, Offset
from driftline_dashboard.parts import Operator, PartsOf, StoreOf
from driftline_dashboard.problems import not_found
from driftline_dashboard.queries.base import Answer
from driftline_dashboard.queries.drifts import Drift, drifts_by_id
from driftline_dashboard.queries.incidents import Delivery, Incident, deliveries, incident_steps, incidents
from driftline_dashboard.store import Store
from driftline_schemas.events.drift import Kind, Severity
from driftline_schemas.events.incident import IncidentState

router = APIRouter(tags=["incidents"])

YEAR_MINUTES = 366 * 24 * 60

Model = Annotated[str, Query(max_length=256, description="Of this model only.")]


class IncidentHistory(Answer):
    """An incident with everything that belongs to it.

    Attributes:
        incident: How it stands.
        timeline: Its steps, newest first.
        drifts: The drifts that its alerts are built on, newest first.
        deliveries: Whom it reached.
    """

    incident: Incident
    timeline: list[Incident]
    drifts: list[Drift]
    deliveries: list[Delivery]


class Comment(Answer):
    """A person's words."""

    comment: str = Field(default="", max_length=2000)


class Judgement(Comment):
    """What an incident was."""

    verdict: Literal["true-drift", "false-alarm", "expected"]


class NewSilence(Comment):
    """Whom not to tell of, from now on.

    Attributes:
        model: Name of the model; `*` for all of them.
        kinds: Kinds of alerts; all when empty.
        segments: Segments, as tag=value; all when empty.
        minutes: For how long, up to a year.
    """

    model: str = Field(min_length=1, max_length=256)
    kinds: list[Kind] = Field(default_factory=list, max_length=10)
    segments: list[str] = Field(default_factory=list, max_length=100)
    minutes: int = Field(ge=1, le=YEAR_MINUTES)


class Done(Answer):
    """What was appended to the log.

    Attributes:
        id: Of the act or the silence.
    """

    id: str


CommentOf = Annotated[Comment, Body()]
NO_COMMENT = Comment()


@router.get("/incidents")
def list_incidents(
    store: StoreOf,
    model: Model = "",
    state: IncidentState | None = None,
    severity: Severity | None = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> list[Incident]:
    """Incidents as they stand: unresolved ones first, by severity, then the newest."""
    return incidents(store, model=model, state=state or "", severity=severity or "", limit=limit, offset=offset)


@router.get("/incidents/{incident_id}")
def show_incident(store: StoreOf, incident_id: str) -> IncidentHistory:
    """An incident with its timeline, its drifts, and whom it reached."""
    timeline = _timeline(store, incident_id)
    incident = timeline[0]
    return IncidentHistory(
        incident=incident,
        timeline=timeline,
        drifts=drifts_by_id(store, incident.model, incident.drift_ids),
        deliveries=deliveries(store, incident),
    )


@router.post("/incidents/{incident_id}/acknowledge", status_code=202)
def acknowledge(parts: PartsOf, who: Operator, incident_id: str, words: CommentOf = NO_COMMENT) -> Done:
    """Say that somebody looks after an incident, so that it is not escalated."""
    incident = _timeline(parts.store, incident_id)[0]
    return Done(id=acts.act(parts.settings, incident, "acknowledge", by=who.name, comment=words.comment))


@router.post("/incidents/{incident_id}/resolve", status_code=202)
def resolve(parts: PartsOf, who: Operator, incident_id: str, words: CommentOf = NO_COMMENT) -> Done:
    """Say that an incident is over."""
    incident = _timeline(parts.store, incident_id)[0]
    return Done(id=acts.act(parts.settings, incident, "resolve", by=who.name, comment=words.comment))


@router.post("/incidents/{incident_id}/judge", status_code=202)
def judge(parts: PartsOf, who: Operator, incident_id: str, said: Judgement) -> Done:
    """Say what an incident was; kept for tuning."""
    incident = _timeline(parts.store, incident_id)[0]
    done = acts.act(parts.settings, incident, "judge", by=who.name, comment=said.comment, verdict=said.verdict)
    return Done(id=done)


@router.post("/silences", status_code=202)
def silence(parts: PartsOf, who: Operator, wanted: NewSilence) -> Done:
    """Tell nobody of what matches; it is recorded all the same."""
    done = acts.silence(
        parts.settings,
        wanted.model,
        kinds=wanted.kinds,
        segments=wanted.segments,
        minutes=wanted.minutes,
        by=who.name,
        comment=wanted.comment,
    )
    return Done(id=done)


def _timeline(store: Store, incident_id: str) -> list[Incident]:
    if not (timeline := incident_steps(store, incident_id)):
        raise not_found("incident", incident_id, "GET /api/v1/incidents lists them")
    return timeline
