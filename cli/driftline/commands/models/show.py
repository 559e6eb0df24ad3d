"""``driftline models show``."""

from typing import Annotated

import typer

Model = Annotated[str, typer.Argument(metavar="MODEL", help="Name of the model.")]


def show(model: Model) -> None:
    """Show how a model is watched: the specification in force, as YAML, with all defaults."""
    from driftline.addresses import settings
    from driftline.output import printable
    from driftline.specification.file import text
    from driftline.specification.store import in_force
    from driftline_schemas import ModelSpec

    spec = in_force(settings().clickhouse, model)
    if spec is None:
        typer.echo("# No specification was applied; these are the defaults.")
    typer.echo(printable(text(spec or ModelSpec(model=model, timestamp_ms=0))), nl=False)
