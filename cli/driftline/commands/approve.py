"""``driftline approve``."""

from typing import Annotated

import typer

RetrainId = Annotated[str, typer.Argument(metavar="ID", help="Id of the retrain; `driftline retrains` lists them.")]
By = Annotated[str, typer.Option(help="Who decides; the user of this shell by default.")]
Reason = Annotated[str, typer.Option(help="Why, in your words; it stands in the audit.")]


def approve(retrain_id: RetrainId, reason: Reason = "", by: By = "") -> None:
    """Let a retrain train that waits for approval."""
    model = decide(retrain_id, approved=True, reason=reason, by=by)
    typer.echo(f"{retrain_id}: approved; `driftline retrains {model}` shows what becomes of it")


def decide(retrain_id: str, *, approved: bool, reason: str, by: str) -> str:
    """Send the verdict; return the model that it is about."""
    from contextlib import closing

    from driftline.addresses import settings
    from driftline.user import user
    from driftline_dashboard.acts import retrains
    from driftline_dashboard.store import Store

    current = settings()
    with closing(Store(current.clickhouse)) as store:
        return retrains.decide(current, store, retrain_id, approved=approved, by=by or user(), reason=reason)
