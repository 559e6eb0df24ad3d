"""``driftline incidents silences``."""

from typing import Annotated

import typer

from driftline.output import AsJson, show

_SQL = """
SELECT silence_id, model, kinds, segments, from_at, until_at, by, comment,
       now64(3) BETWEEN from_at AND until_at AS in_force
FROM silences WHERE {all:Bool} OR until_at > now64(3)
ORDER BY until_at DESC, silence_id
"""

_COLUMNS = ("silence", "model", "kinds", "segments", "from_at", "until_at", "by", "comment")
_SHORT = 10

All = Annotated[bool, typer.Option("--all", help="Also those that have ended.")]


def silences(everything: All = False, as_json: AsJson = False) -> None:
    """List the silences in force and the maintenance windows ahead."""
    from driftline import store
    from driftline.addresses import settings

    rows = store.rows(settings().clickhouse, _SQL, {"all": everything})
    shown = [{"silence": str(row["silence_id"])[:_SHORT], **row} for row in rows]
    show(rows if as_json else shown, empty="Nothing is silenced.", as_json=as_json, columns=() if as_json else _COLUMNS)
