"""``driftline incidents show``."""

from contextlib import closing
from typing import Annotated

import typer

from driftline.output import show_json_lines

IncidentId = Annotated[
    str, typer.Argument(metavar="ID", help="Id of the incident, or how it begins; `driftline incidents list` shows it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object: the incident, its steps and its deliveries.")]


def show(incident_id: IncidentId, as_json: AsJson = False) -> None:
    """Show one incident: what happened, evidence, cause, remedy, timeline, deliveries, and SQL to see the events."""
    from driftline.addresses import settings
    from driftline.incidents.find import find
    from driftline.incidents.screen import lines, read
    from driftline.store import Store

    with closing(Store(settings().clickhouse)) as store:
        story = read(store, find(store, incident_id))
    if as_json:
        show_json_lines([{**story.incident, "steps": list(story.steps), "deliveries": list(story.deliveries)}])
    else:
        typer.echo("\n".join(lines(story)))
