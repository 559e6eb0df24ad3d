"""``driftline retrain MODEL``."""

from typing import Annotated

import typer

Model = Annotated[str, typer.Argument(metavar="MODEL", help="Name of the model.")]
Reason = Annotated[str, typer.Option(help="Why, in your words; it stands in every record of the retrain.")]


def ask(model: Model, reason: Reason = "by hand") -> None:
    """Ask for a retrain of a model's champion on its newest labelled rows; the same as `driftline retrain MODEL`."""
    from contextlib import closing

    from driftline.addresses import settings
    from driftline_dashboard.acts.retrains import ask_for_retrain
    from driftline_dashboard.store import Store

    current = settings()
    with closing(Store(current.clickhouse)) as store:
        retrain_id = ask_for_retrain(current, store, model, reason)
    typer.echo(f"{retrain_id}: asked for; `driftline retrains {model}` shows what becomes of it")
