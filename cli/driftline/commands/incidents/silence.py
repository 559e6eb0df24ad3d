"""``driftline incidents silence``."""

from typing import Annotated

import typer

from driftline.commands.incidents.ack import By, Comment

Model = Annotated[str, typer.Argument(metavar="[MODEL]", help="Name of the model; '*' for all of them.")]
Kinds = Annotated[list[str] | None, typer.Option("--kind", help="Only this kind of alert; may be repeated.")]
Segments = Annotated[
    list[str] | None, typer.Option("--segment", metavar="TAG=VALUE", help="Only this segment; may be repeated.")
]
For = Annotated[str, typer.Option("--for", metavar="TIME", help="For so long from now, as 30m, 2h or 7d.")]
From = Annotated[str, typer.Option("--from", metavar="WHEN", help="From when on, as 2026-01-31T22:00 (UTC); now.")]
Until = Annotated[str, typer.Option("--until", metavar="WHEN", help="Until when, as 2026-02-01T04:00 (UTC).")]
Lift = Annotated[str, typer.Option("--lift", metavar="ID", help="End this silence now, instead.")]


def silence(
    model: Model = "",
    kinds: Kinds = None,
    segments: Segments = None,
    lasting: For = "",
    begin: From = "",
    end: Until = "",
    lift: Lift = "",
    comment: Comment = "",
    by: By = "",
) -> None:
    """Record what matches and tell nobody, for a time; in the future that is a maintenance window."""
    from driftline.addresses import settings
    from driftline.incidents.silencing import Asked, lifted, silenced

    if lift:
        ended = lifted(settings(), lift, by=by, comment=comment)
        typer.echo(f"{ended.silence_id}: lifted")
        return
    asked = Asked(model, tuple(kinds or ()), tuple(segments or ()), lasting, begin, end)
    made = silenced(settings(), asked, by=by, comment=comment)
    typer.echo(f"{made.silence_id}: lift it with `driftline incidents silence --lift {made.silence_id}`")
