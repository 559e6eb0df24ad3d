"""What a person does about an incident, as a record for the notifier."""

import time
import uuid
from contextlib import closing
from typing import Literal, get_args

from driftline.incidents.find import find
from driftline.output import Row
from driftline.store import Store
from driftline.user import user
from driftline_schemas import log_writer
from driftline_schemas.errors import ConfigurationError
from driftline_schemas.events.incident_action import IncidentAction, Verdict
from driftline_schemas.settings import Settings

VERDICTS = tuple(verdict for verdict in get_args(Verdict) if verdict)

Action = Literal["acknowledge", "resolve", "judge"]


def act(settings: Settings, incident_id: str, action: Action, *, by: str, comment: str, verdict: str = "") -> Row:
    """Send a person's act to the notifier; return the incident as it stood before.

    Raises:
        ConfigurationError: There is no such incident, the act makes no sense, or there is no such verdict.
        Unavailable: Kafka or ClickHouse does not answer.
    """
    said = _verdict(verdict)
    with closing(Store(settings.clickhouse)) as store:
        incident = find(store, incident_id)
    _check(incident, action)
    record = IncidentAction(
        action_id=uuid.uuid4().hex,
        incident_id=str(incident["incident_id"]),
        model=str(incident["model"]),
        action=action,
        verdict=said,
        by=by or user(),
        comment=comment,
        timestamp_ms=int(time.time() * 1000),
    )
    log_writer.append(settings, settings.topics.incidents, record.model, record)
    return incident


def _check(incident: Row, action: Action) -> None:
    state = incident["state"]
    if action != "judge" and state == "resolved":
        raise ConfigurationError(
            f"incident {incident['incident_id']} is resolved since {incident['at']:%Y-%m-%d %H:%M} UTC; "
            "`driftline incidents judge` still says what it was"
        )
    if action == "acknowledge" and state == "acknowledged":
        raise ConfigurationError(f"incident {incident['incident_id']} is acknowledged already, by {incident['by']}")


def _verdict(text: str) -> Verdict:
    for verdict in get_args(Verdict):
        if text == verdict:
            known: Verdict = verdict
            return known
    raise ConfigurationError(f"{text!r} is no verdict; valid are {', '.join(VERDICTS)}")
