"""``driftline reject``."""

import typer

from driftline.commands.approve import By, Reason, RetrainId, decide


def reject(retrain_id: RetrainId, reason: Reason = "", by: By = "") -> None:
    """End a retrain that has not ended: one that waits for approval, or any other."""
    model = decide(retrain_id, approved=False, reason=reason, by=by)
    typer.echo(f"{retrain_id}: rejected; `driftline retrains {model}` shows it")
