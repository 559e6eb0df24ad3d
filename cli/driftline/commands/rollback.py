"""``driftline rollback``."""

from typing import Annotated

import typer

from driftline.commands.approve import By, Reason

Model = Annotated[str, typer.Argument(metavar="MODEL", help="Name of the model.")]


def rollback(model: Model, reason: Reason = "", by: By = "") -> None:
    """Take the last promotion back: the previous champion serves again."""
    from driftline.addresses import settings
    from driftline.user import user
    from driftline_dashboard.acts.retrains import roll_back

    version, previous = roll_back(settings(), model, by=by or user(), reason=reason)
    typer.echo(f"{model}: version {version} is taken back as soon as the retrain service hears it; {previous} follows")
