"""``driftline incidents ack``."""

from typing import Annotated

import typer

from driftline.commands.incidents.show import IncidentId

By = Annotated[str, typer.Option(help="Who acts; the user of this shell by default.")]
Comment = Annotated[str, typer.Option(help="What you know, in your words; it stands in the timeline.")]


def ack(incident_id: IncidentId, comment: Comment = "", by: By = "") -> None:
    """Say that somebody looks after an incident: it is not escalated any more."""
    from driftline.addresses import settings
    from driftline.incidents.acts import act

    incident = act(settings(), incident_id, "acknowledge", by=by, comment=comment)
    typer.echo(f"{incident['incident_id']}: acknowledged as soon as the notifier hears it")
