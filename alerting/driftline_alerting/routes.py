"""Who is told of what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Field

from driftline_schemas.events.drift import Kind, Severity, at_least
from driftline_schemas.events.incident import Incident


@dataclass(frozen=True, kw_only=True)
class Route:
    """A kind of notices and the channels that get them; what is left out matches everything.

    Attributes:
        model: Name of the model; `*`, `?` and `[...]` stand for other characters, as in file names.
        severity: The least severity: `info`, `warning` or `critical`.
        kinds: Kinds of alerts, of which the incident must have one; all when empty.
        team: Who answers for the model: the `owner` of its specification; everybody when empty.
        escalated: Only that nobody has acknowledged the incident in time.
        channels: Names of channels.
    """

    model: Annotated[str, Field(min_length=1)] = "*"
    severity: Severity = "info"
    kinds: tuple[Kind, ...] = ()
    team: str = ""
    escalated: bool = False
    channels: Annotated[tuple[str, ...], Field(min_length=1)]

    def matches(self, incident: Incident) -> bool:
        """Whether a step of an incident is meant."""
        return (
            fnmatchcase(incident.model, self.model)
            and at_least(incident.severity, self.severity)
            and (not self.kinds or not set(self.kinds).isdisjoint(incident.kinds))
            and self.team in ("", incident.owner)
            and (not self.escalated or incident.step == "escalated")
        )


def channels_for(incident: Incident, routes: Sequence[Route]) -> list[str]:
    """The channels that a step of an incident goes to: those of every route that matches, each once."""
    return list(dict.fromkeys(_matching(incident, routes)))


def _matching(incident: Incident, routes: Sequence[Route]) -> Iterator[str]:
    for route in routes:
        if route.matches(incident):
            yield from route.channels
