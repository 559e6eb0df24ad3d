"""``driftline dead-letters list``."""

from contextlib import closing
from typing import Annotated

import typer

from driftline.commands.drifts import Limit
from driftline.output import AsJson, show

_COLUMNS = ("place", "logged_at", "reason", "key", "size_bytes", "became")

Reason = Annotated[str, typer.Option(help="Only those with this reason.")]
Model = Annotated[str, typer.Option(help="Only those with this key: the name of a model.")]


def list_(reason: Reason = "", model: Model = "", limit: Limit = 50, as_json: AsJson = False) -> None:
    """List the dead letters, newest first, and what became of those that were replayed."""
    from driftline.addresses import settings
    from driftline.dead_letters.catalogue import find
    from driftline.store import Store

    with closing(Store(settings().clickhouse)) as store:
        rows = [found.row() for found in find(store, reason=reason, key=model, limit=limit)]
    show(rows, empty="There is no dead letter.", as_json=as_json, columns=_COLUMNS)
