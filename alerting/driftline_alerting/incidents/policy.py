"""When incidents join, are told, escalate and end."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


@dataclass(frozen=True)
class IncidentPolicy:
    """The section `incidents` of the alerting file.

    Attributes:
        change_tolerance_minutes: Two changes that lie no further apart are the same, in event time; 0 or more.
        follow_hours: Errors that rise within so long after a change of the data are its consequence, in event time:
            labels come late; 0 or more.
        cooldown_minutes: After people were told, further alerts of the incident are not told for so long, unless its
            severity rises; 0 or more.
        escalate_after_minutes: What nobody has acknowledged for so long is told again, once; above 0.
        resolve_after_hours: An incident ends when nothing more was told of it for so long; above 0.
        reopen_within_minutes: An alert that comes so soon after the end of an incident like it opens that one again;
            0 or more.
        flapping_reopenings: A model whose incidents open again so often is told once with that, and then no more of
            its reopenings; 1 or more.
        flapping_hours: Within so long; above 0.
    """

    change_tolerance_minutes: NotNegative = 10.0
    follow_hours: NotNegative = 24.0
    cooldown_minutes: NotNegative = 30.0
    escalate_after_minutes: Positive = 60.0
    resolve_after_hours: Positive = 24.0
    reopen_within_minutes: NotNegative = 60.0
    flapping_reopenings: Annotated[int, Field(ge=1)] = 3
    flapping_hours: Positive = 24.0
