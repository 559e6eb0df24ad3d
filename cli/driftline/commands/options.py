"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

StateFolder = Annotated[
    Path | None,
    typer.Option(
        "--state",
        metavar="DIR",
        help="Folder of the stack's state; otherwise DRIFTLINE_STATE, otherwise the user's data folder.",
        show_default=False,
    ),
]
"""The option of every command on the embedded stack."""
