"""``driftline incidents resolve``."""

from typing import Annotated

import typer

from driftline.commands.incidents.ack import By, Comment
from driftline.commands.incidents.show import IncidentId

Verdict = Annotated[str, typer.Option(help="What it was: true-drift, false-alarm or expected.")]


def resolve(incident_id: IncidentId, verdict: Verdict = "", comment: Comment = "", by: By = "") -> None:
    """End an incident by hand, and say what it was."""
    from driftline.addresses import settings
    from driftline.incidents.acts import act

    incident = act(settings(), incident_id, "resolve", by=by, comment=comment, verdict=verdict)
    typer.echo(f"{incident['incident_id']}: resolved as soon as the notifier hears it")
