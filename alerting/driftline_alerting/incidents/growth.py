"""What one more alert adds to an incident; however many there are, it stays small."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from driftline_alerting.incidents.case import SEVERITIES, Case, Memory
from driftline_alerting.incidents.causes import likely_cause
from driftline_alerting.incidents.champion import Champion
from driftline_alerting.incidents.signal import Signal, Told, segment_of
from driftline_alerting.incidents.words import cut, evidence, headline, lead_of, sureness, withheld

_MOST_SIGNALS = 64
_MOST_NAMES = 100
_MOST_DRIFTS = 100
_MOST_EVIDENCE = 10


class Growth(NamedTuple):
    """What changes of an incident and of its memory."""

    incident: dict[str, Any]
    memory: dict[str, Any]


def grown(case: Case, signal: Signal, told: Told, champion: Champion | None) -> Growth:
    """What an alert adds to the incident that it belongs to."""
    alert, incident = told.alert, case.incident
    memory = _memory(case.memory, signal, told)
    signals, lead = memory["signals"], memory["lead"]
    others = [name for name in dict.fromkeys(each.name for each in signals) if name != memory["lead_name"]]
    changes = {
        "severity": max(incident.severity, alert.severity, key=SEVERITIES.index),
        "kinds": _added(incident.kinds, alert.kind),
        "features": _added(incident.features, alert.feature or ""),
        "segments": _added(incident.segments, segment_of(alert)),
        "alerts": incident.alerts + 1,
        "last_alert_id": alert.alert_id,
        "drift_ids": [*incident.drift_ids, *alert.drift_ids][-_MOST_DRIFTS:],
        "headline": headline(lead, memory["sureness"], others, incident.alerts + 1),
        "evidence": [*incident.evidence, evidence(told)][-_MOST_EVIDENCE:],
        "cause": cut(likely_cause(signals, champion)) or incident.cause,
        "remedy": withheld(told) or incident.remedy,
        "since_ms": min(incident.since_ms, signal.since_ms),
    }
    return Growth(changes, memory)


def _memory(before: Memory, signal: Signal, told: Told) -> dict[str, Any]:
    others = [each for each in before.signals if not signal.is_again(each)]
    memory = {
        "signals": [*others, signal][-_MOST_SIGNALS:],
        "lead": before.lead,
        "lead_name": before.lead_name,
        "sureness": before.sureness,
        "alerted_ms": max(before.alerted_ms, told.at_ms),
        "detected_ms": max(before.detected_ms, signal.until_ms),
    }
    if SEVERITIES.index(told.alert.severity) > SEVERITIES.index(before.lead_severity):
        memory |= {"lead": lead_of(told), "lead_name": signal.name, "lead_severity": told.alert.severity}
        memory["sureness"] = sureness(told.drifts)
    return memory


def _added(names: Iterable[str], name: str) -> list[str]:
    """The names with one more, the first one first; an empty name is none."""
    return [each for each in dict.fromkeys((*names, name)) if each][:_MOST_NAMES]
