"""A notice that was made up, to see where it goes and whether it arrives."""

import time
import uuid
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from driftline_alerting.channels import DeliveryFailed, open_channel, without
from driftline_alerting.configuration import Configuration
from driftline_alerting.message import Notice, line
from driftline_schemas.events.drift import Kind, Severity
from driftline_schemas.events.incident import Incident


class Arrival(NamedTuple):
    """What became of a notice on one channel.

    Attributes:
        channel: Name of the channel.
        place: Where it leads, without secrets.
        error: Why it did not arrive; empty when it did.
    """

    channel: str
    place: str
    error: str


def made_up(model: str, severity: Severity, kind: Kind, team: str) -> Incident:
    """An incident that there is none of."""
    now_ms, named = time.time_ns() // 1_000_000, f"test-{uuid.uuid4().hex}"
    return Incident(
        notice_id=named,
        incident_id=named,
        model=model,
        owner=team,
        step="opened",
        notify=True,
        state="open",
        severity=severity,
        kinds=[kind],
        alerts=1,
        last_alert_id=named,
        headline=f"{model}: this is a test of the channel, nothing happened",
        since_ms=now_ms,
        opened_ms=now_ms,
        timestamp_ms=now_ms,
    )


def send(incident: Incident, channels: Iterable[str], configuration: Configuration) -> Iterator[Arrival]:
    """Send an incident, marked as a test, once to each of some channels."""
    notice = Notice(incident, configuration.dashboard, is_test=True)
    for name in channels:
        channel = open_channel(configuration.channels[name], configuration.dashboard)
        try:
            channel.send(notice)
            error = ""
        except DeliveryFailed as failed:
            error = without(channel.secrets, line(str(failed)))
        yield Arrival(name, channel.place, error)
