"""What people do about incidents."""

import time
import uuid
from collections.abc import Sequence
from typing import Literal

from driftline_dashboard.queries.incidents import Incident
from driftline_schemas import log_writer
from driftline_schemas.events.drift import Kind
from driftline_schemas.events.incident_action import IncidentAction, Verdict
from driftline_schemas.events.silence import Silence
from driftline_schemas.settings import Settings

MINUTE_MS = 60_000


def act(
    settings: Settings,
    incident: Incident,
    action: Literal["acknowledge", "resolve", "judge"],
    *,
    by: str,
    comment: str = "",
    verdict: Verdict = "",
) -> str:
    """Append what a person does about an incident; return the act's id.

    Raises:
        Unavailable: Kafka does not answer.
    """
    record = IncidentAction(
        action_id=uuid.uuid4().hex,
        incident_id=incident.incident_id,
        model=incident.model,
        action=action,
        verdict=verdict,
        by=by,
        comment=comment,
        timestamp_ms=int(time.time() * 1000),
    )
    log_writer.append(settings, settings.topics.incidents, incident.model, record)
    return record.action_id


def silence(
    settings: Settings,
    model: str,
    *,
    kinds: Sequence[Kind],
    segments: Sequence[str],
    minutes: int,
    by: str,
    comment: str,
) -> str:
    """Tell nobody of what matches, from now on for so many minutes; return the silence's id.

    Raises:
        Unavailable: Kafka does not answer.
    """
    now_ms = int(time.time() * 1000)
    record = Silence(
        silence_id=uuid.uuid4().hex,
        model=model,
        kinds=list(kinds),
        segments=list(segments),
        from_ms=now_ms,
        until_ms=now_ms + minutes * MINUTE_MS,
        by=by,
        comment=comment,
        timestamp_ms=now_ms,
    )
    log_writer.append(settings, settings.topics.incidents, model, record)
    return record.silence_id
