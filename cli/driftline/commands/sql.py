"""``driftline sql``."""

import sys
from typing import Annotated

import typer

from driftline.output import AsJson, show

Query = Annotated[str, typer.Argument(help="One statement, for example 'SELECT * FROM performance_hourly LIMIT 5'.")]
Format = Annotated[
    str,
    typer.Option("--format", help="Write the answer in one of ClickHouse's formats (CSV, Markdown, Vertical, ...)."),
]


def sql(query: Query, as_json: AsJson = False, output_format: Format = "") -> None:
    """Ask ClickHouse."""
    from driftline import store
    from driftline.addresses import settings

    address = settings().clickhouse
    if output_format:
        sys.stdout.buffer.write(store.text(address, query, output_format))
        sys.stdout.buffer.flush()
    else:
        show(store.rows(address, query), empty="No rows.", as_json=as_json)
