"""``driftline audit list``."""

from typing import Annotated

import typer

from driftline.commands.drifts import Limit, Model
from driftline.output import AsJson, show

_COLUMNS = ("sequence", "at", "actor", "action", "model", "subject")

Subject = Annotated[str, typer.Option(help="Only this retrain's id or this version.")]


def list_(model: Model = "", subject: Subject = "", limit: Limit = 50, as_json: AsJson = False) -> None:
    """List decisions, newest first; `--json` shows their details and hashes."""
    from collections import deque
    from datetime import UTC, datetime

    from driftline.addresses import settings
    from driftline_registry import registry_folder
    from driftline_retrain_service.audit import Audit

    wanted = (
        entry
        for entry in Audit(registry_folder(settings().registry)).entries()
        if model in ("", entry.model) and subject in ("", entry.subject)
    )
    rows = [
        {"at": datetime.fromtimestamp(entry.at_ms / 1000, UTC), **entry.model_dump()}
        for entry in reversed(deque(wanted, maxlen=limit))
    ]
    show(rows, empty="Nothing has been decided yet.", as_json=as_json, columns=_COLUMNS)
