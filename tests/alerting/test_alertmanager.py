"""Incidents as alerts of the real Alertmanager."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from driftline_alerting.channels.alertmanager import Alertmanager, AlertmanagerSettings
from driftline_alerting.message import Notice
from tests.alerting.alertmanager import Served, alertmanager
from tests.alerting.notices import incident


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with alertmanager(tmp_path) as running:
        yield running


def channel(served: Served, now: list[float] | None = None) -> Alertmanager:
    clock = now or [0.0]
    return Alertmanager(AlertmanagerSettings(url=f"{served.url}/"), clock=lambda: clock[0])


def test_an_incident_fires_until_it_is_resolved(served: Served) -> None:
    there = channel(served)
    notice = Notice(incident(), "https://driftline.example.com")
    there.send(notice)
    (alert,) = served.alerts()
    assert alert["labels"] == {
        "alertname": "DriftlineIncident",
        "incident_id": "incident-0",
        "kind": "data-drift",
        "model": "fraud",
        "severity": "warning",
        "team": "risk",
        "version": "3",
    }
    assert alert["annotations"]["summary"] == notice.title
    assert alert["annotations"]["description"] == notice.text
    assert alert["generatorURL"] == notice.page
    assert alert["startsAt"] == "2025-11-23T03:53:20.000Z"
    there.send(Notice(incident(step="joined", kinds=["data-drift", "quality"])))
    assert served.labels("kind") == ["data-drift"]
    there.send(Notice(incident(step="resolved", state="resolved")))
    assert served.alerts() == []


def test_a_severity_that_rises_replaces_the_alert(served: Served) -> None:
    there = channel(served)
    there.send(Notice(incident()))
    there.send(Notice(incident(step="raised", severity="critical")))
    assert served.labels("severity") == ["critical"]
    there.send(Notice(incident(step="resolved", state="resolved", severity="critical")))
    assert served.alerts() == []


def test_what_is_open_is_sent_again_in_time_and_after_a_restart(served: Served) -> None:
    now = [0.0]
    there = channel(served, now)
    there.send(Notice(incident()))
    there.keep_up()
    (first,) = served.alerts()
    now[0] = 61.0
    there.keep_up()
    (second,) = served.alerts()
    assert second["endsAt"] > first["endsAt"]
    restarted = channel(served)
    restarted.resume(lambda: [incident()])
    restarted.keep_up()
    (third,) = served.alerts()
    assert third["endsAt"] > second["endsAt"]
    assert restarted.follows(incident(state="resolved", notify=False))
    assert not restarted.follows(incident(7, state="resolved"))
    restarted.send(Notice(incident(step="resolved", state="resolved", notify=False)))
    assert served.alerts() == []


def test_a_test_is_told_apart_and_not_kept_up(served: Served) -> None:
    now = [0.0]
    there = channel(served, now)
    there.send(Notice(incident(), is_test=True))
    (alert,) = served.alerts()
    assert alert["labels"]["alertname"] == "DriftlineTest"
    now[0] = 61.0
    there.keep_up()
    assert served.alerts()[0]["endsAt"] == alert["endsAt"]
