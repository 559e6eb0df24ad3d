"""``driftline dead-letters replay``."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from driftline.errors import FAILED

if TYPE_CHECKING:
    from driftline.dead_letters.catalogue import DeadLetter
    from driftline.store import Store
    from driftline_schemas.settings import Settings

MAX_CHOSEN = 100_000
"""Dead letters that one command replays; it is repeated for more."""
ROUND = 2_000
"""Dead letters that are appended before their end is awaited."""

Places = Annotated[list[str] | None, typer.Argument(metavar="[PLACE]...", help="partition:offset of original records.")]
Reason = Annotated[str, typer.Option(help="All with this reason that were not replayed yet.")]
Every = Annotated[bool, typer.Option("--all", help="All that were not replayed yet.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before --reason or --all begins.")]


def replay(places: Places = None, reason: Reason = "", every: Every = False, yes: Yes = False) -> None:
    """Give dead letters back into the log, each once, and say what became of them; exit code 1 unless all are taken."""
    from driftline.addresses import settings
    from driftline.dead_letters.catalogue import NOT_REPLAYED, TAKEN
    from driftline.store import Store
    from driftline_schemas.errors import ConfigurationError

    if bool(places) + bool(reason) + every != 1:
        raise ConfigurationError("say which dead letters: either places (partition:offset ...), or --reason, or --all")
    current = settings()
    with closing(Store(current.clickhouse)) as store:
        chosen = _chosen(store, places or [], reason)
        fresh = [letter for letter in chosen if letter.became == NOT_REPLAYED]
        if fresh and not places and not yes:
            typer.confirm(f"Replay {len(fresh):,} dead letters?", abort=True)
        before = [letter for letter in chosen if letter.became != NOT_REPLAYED]
        for letter in before:
            _tell(letter, "was replayed before ")
        taken = [letter.became == TAKEN for letter in before]
        for start in range(0, len(fresh), ROUND):
            taken += list(_round(current, store, fresh[start : start + ROUND]))
    typer.echo(f"{sum(taken):,} of {len(taken):,} are taken." if taken else "There is no dead letter to replay.")
    if not all(taken):
        raise typer.Exit(FAILED)


def _chosen(store: "Store", places: Sequence[str], reason: str) -> list["DeadLetter"]:
    """The dead letters at the places; without places those that were not replayed, oldest first."""
    from driftline.dead_letters.catalogue import NOT_REPLAYED, find, named

    if places:
        return named(store, places)
    found = find(store, reason=reason, limit=MAX_CHOSEN)
    return [letter for letter in reversed(found) if letter.became == NOT_REPLAYED]


def _round(current: "Settings", store: "Store", fresh: Sequence["DeadLetter"]) -> Iterator[bool]:
    """Replay some, wait, and tell of each; whether it was taken."""
    from rich.console import Console

    from driftline.dead_letters.catalogue import TAKEN, find
    from driftline.dead_letters.letters import lost
    from driftline.dead_letters.replay import send, wait

    with Console(stderr=True).status("Appending to the log") as line:
        sent = send(current, fresh)
        for letter in fresh:
            if letter.place not in sent:
                typer.echo(f"{letter.place} {lost(current.topics)}")
                yield False
        if sent:
            for letter in wait(
                lambda: find(store, places=sent, limit=len(sent)),
                lambda stored: line.update(f"{stored:,} of {len(sent):,} are stored"),
            ):
                _tell(letter, "")
                yield letter.became == TAKEN


def _tell(letter: "DeadLetter", before: str) -> None:
    from driftline.dead_letters.screen import became

    typer.echo(f"{letter.place} {before}{became(letter)}")
