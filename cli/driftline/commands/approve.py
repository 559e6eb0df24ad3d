"""``driftline approve``."""

from typing import Annotated

import typer

RetrainId = Annotated[str, typer.Argument(metavar="ID", help="Id of the retrain; `driftline retrains` lists them.")]
By = Annotated[str, typer.Option(help="Who decides; the user of this shell by default.")]
Reason = Annotated[str, typer.Option(help="Why, in your words; it stands in the audit.")]


def approve(retrain_id: RetrainId, reason: Reason = "", by: By = "") -> None:
    """Let a retrain train that waits for approval."""
    from driftline.addresses import settings
    from driftline.verdicts import decide

    model = decide(settings(), retrain_id, approved=True, by=by, reason=reason)
    typer.echo(f"{retrain_id}: approved; `driftline retrains {model}` shows what becomes of it")
