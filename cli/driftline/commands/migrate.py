"""``driftline migrate``."""

import typer


def migrate() -> None:
    """Bring ClickHouse's tables and views to this version; safe to repeat."""
    from driftline.addresses import settings
    from driftline_schemas.clickhouse import migrate as apply

    versions = apply(settings().clickhouse)
    typer.echo(f"Applied {', '.join(map(str, versions))}." if versions else "The tables are up to date.")
