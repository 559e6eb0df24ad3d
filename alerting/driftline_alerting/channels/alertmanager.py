"""Alertmanager's API, version 2: an open incident is an alert that is kept firing; a resolved one has ended."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import orjson

from driftline_alerting.channels.http import post
from driftline_alerting.channels.interface import ChannelSettings, WebAddress, secrets_of, shown
from driftline_alerting.message import Notice
from driftline_schemas.events.incident import Incident

_REPEAT_SECONDS = 60.0
"""Open alerts are sent again so often; a failed repetition as well."""

_LASTING = timedelta(minutes=15)
"""An alert that was not sent again for so long ends by itself, whatever Alertmanager's `resolve_timeout` is."""

_TEST_LASTING = timedelta(minutes=1)

Labels = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class AlertmanagerSettings(ChannelSettings):
    """A channel of the type `alertmanager`.

    Attributes:
        url: Of Alertmanager itself, without `/api`; user and password as in http://user:password@host.
    """

    url: WebAddress = field(repr=False)


@dataclass(frozen=True)
class _Firing:
    labels: Labels
    notice: Notice


class Alertmanager:
    """Keeps Alertmanager's alerts as the incidents are.

    The severity is a label, so one that rises begins a new alert and ends the old one, in one request.

    Args:
        settings: Where Alertmanager is.
        dashboard: Address of the dashboard, for links in what is resumed.
        clock: Seconds that only grow.
    """

    def __init__(
        self, settings: AlertmanagerSettings, dashboard: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.place = shown(settings.url)
        self.secrets = secrets_of(settings.url)
        self._settings = settings
        self._dashboard = dashboard
        self._clock = clock
        self._firing: dict[str, _Firing] = {}
        self._repeat_at = clock() + _REPEAT_SECONDS

    def send(self, notice: Notice) -> None:
        """Let an alert begin, go on or end; see `Channel.send`."""
        incident, labels = notice.incident, _labels(notice)
        before = self._firing.get(incident.incident_id)
        if incident.state == "resolved":
            ended = incident.timestamp_ms
            self._post([_alert(notice, before.labels if before else labels, _time(ended))])
            self._firing.pop(incident.incident_id, None)
            return
        now = datetime.now(UTC)
        alerts = [_alert(notice, labels, now + (_TEST_LASTING if notice.is_test else _LASTING))]
        if before and before.labels != labels:
            alerts.append(_alert(before.notice, before.labels, now))
        self._post(alerts)
        if not notice.is_test:
            self._firing[incident.incident_id] = _Firing(labels, notice)

    def follows(self, incident: Incident) -> bool:
        """Whether an alert fires that is to end: also when nobody is told of the end."""
        return incident.state == "resolved" and incident.incident_id in self._firing

    def keep_up(self) -> None:
        """Send what fires again, before it ends by itself."""
        if self._clock() < self._repeat_at:
            return
        self._repeat_at = self._clock() + _REPEAT_SECONDS
        if self._firing:
            until = datetime.now(UTC) + _LASTING
            self._post([_alert(each.notice, each.labels, until) for each in self._firing.values()])

    def resume(self, told: Callable[[], Sequence[Incident]]) -> None:
        """Go on with what fired when the program ended; it is sent again at once."""
        for incident in told():
            notice = Notice(incident, self._dashboard)
            self._firing.setdefault(incident.incident_id, _Firing(_labels(notice), notice))
        self._repeat_at = self._clock()

    def _post(self, alerts: list[dict[str, object]]) -> None:
        url = f"{self._settings.url.rstrip('/')}/api/v2/alerts"
        post(url, orjson.dumps(alerts), {"content-type": "application/json"}, self._settings.timeout_seconds)


def _labels(notice: Notice) -> Labels:
    """What makes an alert; all but the severity stays the same as long as the incident lasts."""
    incident = notice.incident
    labels = {
        "alertname": "DriftlineTest" if notice.is_test else "DriftlineIncident",
        "incident_id": incident.incident_id,
        "kind": incident.kinds[0],
        "model": incident.model,
        "severity": incident.severity,
        "team": incident.owner,
        "version": incident.version,
    }
    return {name: value for name, value in labels.items() if value}


def _alert(notice: Notice, labels: Labels, ends: datetime) -> dict[str, object]:
    starts = _time(notice.incident.opened_ms)
    annotations = {"summary": notice.title, "description": notice.text, "page": notice.page}
    alert: dict[str, object] = {
        "labels": labels,
        "annotations": {name: value for name, value in annotations.items() if value},
        "startsAt": starts.isoformat(),
        "endsAt": max(starts, ends).isoformat(),
    }
    return alert | ({"generatorURL": notice.page} if notice.page else {})


def _time(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)
