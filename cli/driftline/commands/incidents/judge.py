"""``driftline incidents judge``."""

from typing import Annotated

import typer

from driftline.commands.incidents.ack import By, Comment
from driftline.commands.incidents.show import IncidentId

Verdict = Annotated[str, typer.Option(help="What it was: true-drift, false-alarm or expected.")]


def judge(incident_id: IncidentId, verdict: Verdict, comment: Comment = "", by: By = "") -> None:
    """Say what an incident was, also long after its end; detectors are tuned by it."""
    from driftline.addresses import settings
    from driftline.incidents.acts import act

    incident = act(settings(), incident_id, "judge", by=by, comment=comment, verdict=verdict)
    typer.echo(f"{incident['incident_id']}: judged {verdict}")
