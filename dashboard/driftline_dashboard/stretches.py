"""When versions served: a line that runs through the time of another version would tell what was not."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from driftline_dashboard.queries.traffic import TrafficPoint
from driftline_dashboard.queries.versions import Served

PAUSE_PIECES = 2
"""A version that is missing in more pieces in a row has paused; one with little traffic may be missing in some."""


class Piece(Protocol):
    """What is known of a version in one stretch of time."""

    @property
    def at(self) -> datetime:
        """When it begins."""

    @property
    def version(self) -> str:
        """The version that predicted."""


P = TypeVar("P", bound=Piece)


def stretches(pieces: Sequence[P]) -> dict[str, list[list[P]]]:
    """The pieces of every version, by time, cut where it paused while others served.

    >>> from types import SimpleNamespace as Of
    >>> days = [Of(at=datetime(2026, 1, day), version="1" if day in (1, 2, 6, 8) else "2") for day in range(1, 9)]
    >>> {version: [[piece.at.day for piece in run] for run in runs] for version, runs in stretches(days).items()}
    {'1': [[1, 2], [6, 8]], '2': [[3, 4, 5, 7]]}
    """
    place = {at: number for number, at in enumerate(sorted({piece.at for piece in pieces}))}
    found: dict[str, list[list[P]]] = {}
    for piece in sorted(pieces, key=lambda piece: piece.at):
        runs = found.setdefault(piece.version, [])
        if not runs or place[piece.at] - place[runs[-1][-1].at] > PAUSE_PIECES + 1:
            runs.append([])
        runs[-1].append(piece)
    return found


def beginnings(versions: Sequence[Served], traffic: Sequence[TrafficPoint]) -> Iterator[tuple[datetime, str]]:
    """When which version began to serve in a window, or served again; not the one that already did.

    Args:
        versions: All that ever predicted.
        traffic: What they predicted in the window.
    """
    first_at = {each.version: each.first_at for each in versions}
    window_begin = min((point.at for point in traffic), default=None)
    for version, runs in stretches(traffic).items():
        for number, run in enumerate(runs):
            at = run[0].at if number else max(run[0].at, first_at.get(version, run[0].at))
            if at != window_begin:
                yield at, version
