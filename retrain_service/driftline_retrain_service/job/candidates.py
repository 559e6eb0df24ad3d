"""What is tried for a challenger: older versions of the model, and windows that may or may not reach behind a change.

Training on the last rows alone does harm after a drift: most of them are of the world that is gone. Training on the
rows since the change alone does harm when there was none, or when it was dated too late. So each is tried, and the
newest rows say which is best (`job.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

SHORT_ROWS, LONG_ROWS = 500, 2000
HALF_LIFE_ROWS = 250.0

_LEAST_VALIDATION_ROWS, _MOST_VALIDATION_ROWS = 50, 200


@dataclass(frozen=True)
class Candidate:
    """One way to a challenger.

    Attributes:
        name: Unique among the candidates of a job.
        first_row: Index of the first row that is trained on, 0 being the oldest; of no meaning for a version.
        half_life_rows: A row that is so many rows older than the newest weighs half as much; None weighs all alike.
        version: A version of the model that is tried as it is; None means that one is trained.
    """

    name: str
    first_row: int
    half_life_rows: float | None = None
    version: str | None = None


def candidates(rows: int, change_row: int | None, past_versions: Sequence[str] = ()) -> list[Candidate]:
    """Return what to try on so many labelled rows, older versions first.

    Args:
        rows: Number of labelled rows, at least 1.
        change_row: Index of the first row after the change; None when none is known.
        past_versions: Versions that may fit again, the likeliest first; not the champion.

    >>> [(each.name, each.first_row) for each in candidates(2400, 2200, ["3"])]
    [('version-3', 0), ('since-change', 2200), ('last-500', 1900), ('last-2000', 400), ('decayed', 0)]
    """
    windows = [] if change_row is None or change_row >= rows else [Candidate("since-change", change_row)]
    windows += [Candidate(f"last-{count}", max(0, rows - count)) for count in (SHORT_ROWS, LONG_ROWS)]
    windows.append(Candidate("decayed", 0, half_life_rows=HALF_LIFE_ROWS))
    found: dict[tuple[int, float | None], Candidate] = {}
    for window in windows:
        found.setdefault((window.first_row, window.half_life_rows), window)
    return [*(Candidate(f"version-{version}", 0, version=version) for version in past_versions), *found.values()]


def validation_rows(rows: int, change_row: int | None) -> int:
    """Return how many of the newest rows the candidates are compared on: a third of those since the change.

    At least 50, and at most 200: of more, the oldest may be of another world than the newest when it turns slowly;
    never more than half of all rows, so that something is left to train on.

    >>> validation_rows(5000, 4850), validation_rows(5000, 1000), validation_rows(5000, None), validation_rows(60, None)
    (50, 200, 200, 30)
    """
    recent = rows if change_row is None else rows - change_row
    return max(1, min(max(_LEAST_VALIDATION_ROWS, recent // 3), _MOST_VALIDATION_ROWS, rows // 2))
