"""``driftline models diff``."""

import typer

from driftline.commands.models.apply import File


def diff(file: File) -> None:
    """Show what applying a file would change; exit code 1 where it would change anything."""
    from driftline.addresses import settings
    from driftline.errors import FAILED
    from driftline.output import printable
    from driftline.specification.file import difference, read
    from driftline.specification.store import in_force, now_ms
    from driftline_schemas import ModelSpec

    spec = read(file, now_ms())
    before = in_force(settings().clickhouse, spec.model) or ModelSpec(model=spec.model, timestamp_ms=0)
    changed = difference(before, spec)
    typer.echo(printable(changed) or f"{spec.model}: nothing would change")
    if changed:
        raise typer.Exit(FAILED)
