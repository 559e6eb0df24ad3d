"""``driftline migrate``."""

import typer


def migrate() -> None:
    """Bring ClickHouse's tables and views to this version; safe to repeat."""
    from driftline.addresses import settings
    from driftline_schemas.clickhouse import connect
    from driftline_schemas.clickhouse import migrate as apply
    from driftline_schemas.clickhouse.document import describe_views

    address = settings().clickhouse
    versions = apply(address)
    with connect(address) as client:
        describe_views(client)
    typer.echo(f"Applied {', '.join(map(str, versions))}." if versions else "The tables are up to date.")
