"""``driftline lineage``."""

from typing import Annotated

import typer

from driftline.output import show_json_lines

Model = Annotated[str, typer.Argument(metavar="MODEL", help="Name of the model.")]
Version = Annotated[str, typer.Argument(metavar="[VERSION]", help="Its version; the champion by default.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object instead of text.")]


def lineage(model: Model, version: Version = "", as_json: AsJson = False) -> None:
    """Show where a version comes from: its training, the retrain, the drifts, the events and the SQL to see them."""
    from contextlib import closing

    import yaml

    from driftline.addresses import settings
    from driftline.output import printable
    from driftline_registry import open_registry
    from driftline_retrain_service.lineage import lineage as trace
    from driftline_schemas.clickhouse import connect

    current = settings()
    registry = open_registry(current.registry)
    with closing(connect(current.clickhouse)) as client:
        found = trace(registry, client, model, version or registry.champion_version(model))
    if as_json:
        show_json_lines([found])
    else:
        typer.echo(printable(yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=120)), nl=False)
