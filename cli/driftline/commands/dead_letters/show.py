"""``driftline dead-letters show``."""

from contextlib import closing
from typing import Annotated

import typer

Place = Annotated[str, typer.Argument(metavar="PLACE", help="partition:offset of the original record.")]


def show(place: Place) -> None:
    """Show one dead letter: reason, error, headers and the original bytes."""
    from driftline.addresses import settings
    from driftline.dead_letters.catalogue import named
    from driftline.dead_letters.letters import letters, lost
    from driftline.dead_letters.screen import lines
    from driftline.log_reader import LogReader
    from driftline.store import Store
    from driftline_schemas.errors import DriftlineError

    current = settings()
    with closing(Store(current.clickhouse)) as store:
        (found,) = named(store, [place])
    with LogReader(current.kafka) as log:
        for letter in letters(log, current.topics, found.logged_at):
            if letter.place == found.place:
                typer.echo("\n".join(lines(found, letter)))
                return
    raise DriftlineError(f"{place}: {lost(current.topics)}")
