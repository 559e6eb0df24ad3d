"""``driftline routes test``."""

from pathlib import Path
from typing import Annotated

import typer

from driftline.errors import FAILED
from driftline.output import AsJson, show
from driftline_schemas.errors import ConfigurationError
from driftline_schemas.events.drift import Kind, Severity

Channel = Annotated[str, typer.Option(help="Only this channel, whatever the routes say.")]
Model = Annotated[str, typer.Option(help="Name of the model that the notice is about.")]
SeverityName = Annotated[Severity, typer.Option(help="How severe the incident is.")]
KindName = Annotated[Kind, typer.Option(help="What kind of alert it is built on.")]
Team = Annotated[str, typer.Option(help="Who answers for the model.")]


def test(
    channel: Channel = "",
    model: Model = "driftline-test",
    severity: SeverityName = "critical",
    kind: KindName = "data-drift",
    team: Team = "",
    as_json: AsJson = False,
) -> None:
    """Send a notice, marked as a test, to every channel that the routes lead it to; exit code 1 where one fails.

    The alerting file is that of DRIFTLINE_ALERTING.
    """
    import os

    from driftline.addresses import settings
    from driftline_alerting.configuration import Configuration
    from driftline_alerting.routes import channels_for
    from driftline_alerting.trial import made_up, send

    path = settings().alerting
    if not path:
        raise ConfigurationError("DRIFTLINE_ALERTING is not set; it names the alerting file: see docs/delivery.md")
    configuration = Configuration.read(Path(path), os.environ)
    incident = made_up(model, severity, kind, team)
    channels = [channel] if channel else channels_for(incident, configuration.routes)
    if channel and channel not in configuration.channels:
        raise ConfigurationError(f"there is no channel {channel!r}; there are {', '.join(configuration.channels)}")
    arrivals = [arrival._asdict() for arrival in send(incident, channels, configuration)]
    show(
        [{**each, "error": each["error"] or None} for each in arrivals],
        empty="No route leads such a notice anywhere.",
        as_json=as_json,
    )
    if any(each["error"] for each in arrivals):
        raise typer.Exit(FAILED)
