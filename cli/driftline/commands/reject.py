"""``driftline reject``."""

import typer

from driftline.commands.approve import By, Reason, RetrainId


def reject(retrain_id: RetrainId, reason: Reason = "", by: By = "") -> None:
    """End a retrain that has not ended: one that waits for approval, or any other."""
    from driftline.addresses import settings
    from driftline.verdicts import decide

    model = decide(settings(), retrain_id, approved=False, by=by, reason=reason)
    typer.echo(f"{retrain_id}: rejected; `driftline retrains {model}` shows it")
