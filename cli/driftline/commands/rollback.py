"""``driftline rollback``."""

from typing import Annotated

import typer

from driftline.commands.approve import By, Reason

Model = Annotated[str, typer.Argument(metavar="MODEL", help="Name of the model.")]


def rollback(model: Model, reason: Reason = "", by: By = "") -> None:
    """Take the last promotion back: the previous champion serves again."""
    from driftline.addresses import settings
    from driftline.user import user
    from driftline_dashboard.acts.retrains import take_back
    from driftline_registry import open_registry
    from driftline_schemas.errors import ConfigurationError

    current = settings()
    registry = open_registry(current.registry)
    version, previous = registry.champion_version(model), registry.aliases(model).previous_champion
    if previous is None:
        raise ConfigurationError(f"version {version} is the first champion of {model!r}; there is none to return to")
    take_back(current, model, version, by=by or user(), reason=reason)
    typer.echo(f"{model}: version {version} is taken back as soon as the retrain service hears it; {previous} follows")
