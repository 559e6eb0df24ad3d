"""The records that the notifier takes, and what identifies each."""

from collections.abc import Mapping
from typing import Any

from driftline_alerting.incidents.steps.change import change_id
from driftline_schemas.codec import DEFAULT_INCIDENT_TYPE, decode_incident, parse, validate
from driftline_schemas.events.alert import Alert
from driftline_schemas.events.base import Record
from driftline_schemas.events.incident_action import IncidentAction
from driftline_schemas.events.model_change import ModelChange
from driftline_schemas.topics import Topics


def decoded(record: Any, topics: Topics) -> Record:
    """What a record of one of the notifier's topics means.

    Raises:
        InvalidRecord: It cannot be used.
    """
    value = record.value or b""
    if record.topic == topics.incidents.name:
        type_name = _headers(record).get("type")
        return decode_incident(
            DEFAULT_INCIDENT_TYPE if type_name is None else type_name.decode("utf-8", "replace"), value
        )
    return validate(Alert if record.topic == topics.alerts.name else ModelChange, parse(value))


def _headers(record: Any) -> Mapping[str, bytes]:
    return dict(record.headers)


def cause_of(record: Record) -> str:
    """The id under which a record's steps are stored; empty for a record that leads to none."""
    if isinstance(record, Alert):
        return record.alert_id
    if isinstance(record, IncidentAction):
        return record.action_id
    return change_id(record) if isinstance(record, ModelChange) else ""
