"""``driftline report``."""

from pathlib import Path
from typing import Annotated

import typer

from driftline.commands.models.show import Model

Since = Annotated[str, typer.Option(help="Begins so long before the end (24h, 7d, 8w), at a time, or with `all`.")]
Until = Annotated[str, typer.Option(help="Ends at this time (2026-01-31T12:00:00Z); by default with the last event.")]
Out = Annotated[Path, typer.Option(help="The file.", dir_okay=False)]


def report(model: Model, since: Since = "7d", until: Until = "", out: Out = Path("report.html")) -> None:
    """Write what happened to a model in a period into one HTML file that needs nothing else."""
    from contextlib import closing

    from driftline.addresses import settings
    from driftline_dashboard.report import write_report
    from driftline_dashboard.store import Store

    with closing(Store(settings().clickhouse)) as store:
        write_report(store, model, since, until, out)
    typer.echo(f"{out}: {out.stat().st_size / 1024:,.0f} KiB")
