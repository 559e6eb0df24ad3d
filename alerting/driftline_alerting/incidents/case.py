"""An incident as it stands after one step, with all that the next step needs."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from driftline_alerting.incidents.signal import Signal
from driftline_schemas.events.base import Record
from driftline_schemas.events.drift import Severity
from driftline_schemas.events.incident import Incident, IncidentStep

SEVERITIES: Sequence[Severity] = ("info", "warning", "critical")
"""From the least to the highest."""


class Memory(Record):
    """What the next alert is compared with, and what was told; bounded, however many alerts there are.

    Attributes:
        signals: What changed; of one thing its newest change, the newest 64 things.
        lead: The message of the first of its gravest alerts, which leads the headline.
        lead_name: Kind and feature of that alert.
        lead_severity: The severity of that alert.
        sureness: How sure that is.
        alerted_ms: The broker's time of the newest alert.
        detected_ms: Event time of the newest detection.
        began_ms: When it was opened, or opened again.
        told_ms: When people were last told of it; 0 for never.
        escalated: Whether it was escalated since it began.
        resolved_ms: When it was resolved; 0 while it is not.
        replaced_by: The version that has replaced the one concerned; empty while none has.
        remedy_ms: When the newest step of a retrain was taken that it knows of; 0 for none.
        remedy_id: Retrain and number of that step.
        is_being_remedied: Whether that retrain goes on.
    """

    signals: list[Signal] = Field(default_factory=list)
    lead: str = ""
    lead_name: str = ""
    lead_severity: Severity = "info"
    sureness: str = ""
    alerted_ms: int = 0
    detected_ms: int = 0
    began_ms: int = 0
    told_ms: int = 0
    escalated: bool = False
    resolved_ms: int = 0
    replaced_by: str = ""
    remedy_ms: int = 0
    remedy_id: str = ""
    is_being_remedied: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One step of an incident: a row of the journal, and the state that the next step begins with.

    Attributes:
        incident: How it stands, as people are told.
        sequence: Number of the step, from 0.
        cause_id: What caused the step: id of an alert, of a person's act, or of a retrain's step; empty for time.
        memory: What the next step needs.
    """

    incident: Incident
    sequence: int
    cause_id: str
    memory: Memory

    @property
    def is_open(self) -> bool:
        """Whether it is not resolved."""
        return self.incident.state != "resolved"

    @property
    def was_told(self) -> bool:
        """Whether people know of it since it began."""
        return self.memory.told_ms >= self.memory.began_ms

    def step(
        self, step: IncidentStep, cause_id: str, at_ms: int, *, notify: bool, memory: dict[str, Any], **changes: Any
    ) -> "Case":
        """The next step.

        Args:
            step: What happens.
            cause_id: What causes it.
            at_ms: When.
            notify: Whether people are told.
            memory: What changes of the memory.
            changes: What changes of the incident.
        """
        said = {"by": "", "comment": ""} | changes
        taken = {
            "notice_id": notice_id(self.incident.incident_id, step, cause_id or str(self.sequence + 1)),
            "step": step,
            "notify": notify,
            "timestamp_ms": at_ms,
        }
        told = {"told_ms": at_ms} if notify else {}
        return Case(
            incident=self.incident.model_copy(update=said | taken),
            sequence=self.sequence + 1,
            cause_id=cause_id,
            memory=self.memory.model_copy(update=memory | told),
        )


def notice_id(incident_id: str, step: str, cause: str) -> str:
    """The id of a step: the same cause gives the same one.

    >>> notice_id("a1", "opened", "a1")
    '19203cf0153157f5178e67832fdd1796'
    """
    return hashlib.sha256("\x1f".join((incident_id, step, cause)).encode()).hexdigest()[:32]
