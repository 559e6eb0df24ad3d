"""What a person does about an incident."""

from typing import Literal

from driftline_schemas.events.base import EpochMs, Name, Record

Verdict = Literal["", "true-drift", "false-alarm", "expected"]


class IncidentAction(Record):
    """A person's act, on `driftline.incidents`.

    Attributes:
        action_id: Unique; a record seen twice is one act.
        incident_id: The incident.
        model: Name of the model; also the key of the record.
        action: `acknowledge`, `resolve` or `judge`.
        verdict: With `judge` (and, where known, `resolve`): what it was.
        by: Who acts.
        comment: The person's words.
        timestamp_ms: When.
    """

    action_id: Name
    incident_id: Name
    model: Name
    action: Literal["acknowledge", "resolve", "judge"]
    verdict: Verdict = ""
    by: Name
    comment: str = ""
    timestamp_ms: EpochMs
