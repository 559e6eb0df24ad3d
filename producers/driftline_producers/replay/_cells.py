"""The cells of a CSV file as numbers, booleans and strings."""

from collections.abc import Callable, Iterable, Sequence

from driftline_schemas.errors import InvalidRecord

_BOOLEANS = {"true": True, "false": False}

Cell = float | bool | str | None


class CellReader:
    """Decides from a sample what each column holds, and reads rows so; an empty cell is null.

    A column is numeric if every cell of the sample that is not empty is a number, boolean if each is `true` or `false`,
    else text. A later cell that is not of its column's kind makes its row a bad one.

    >>> reader = CellReader(["age", "country"], [["31", "DE"], ["", "FR"]])
    >>> reader.read(["7.5", "49"])
    {'age': 7.5, 'country': '49'}
    >>> reader.read(["n/a", "DE"])
    InvalidRecord("column 'age': 'n/a' is not a number")

    Args:
        header: Names of the columns.
        sample: The first rows.
    """

    def __init__(self, header: Sequence[str], sample: Sequence[Sequence[str]]) -> None:
        columns = [[row[index] for row in sample if len(row) > index] for index in range(len(header))]
        self._columns = [(name, _kind(cells)) for name, cells in zip(header, columns, strict=True)]

    def read(self, cells: Sequence[str]) -> dict[str, Cell] | InvalidRecord:
        """One row by column name, or what is wrong with it."""
        if len(cells) != len(self._columns):
            return InvalidRecord("bad-row", f"{len(cells)} cells where the header has {len(self._columns)}")
        row: dict[str, Cell] = {}
        for (name, kind), cell in zip(self._columns, cells, strict=True):
            try:
                row[name] = kind(cell) if cell else None
            except (ValueError, KeyError):
                what = "a number" if kind is _number else "true or false"
                return InvalidRecord("bad-row", f"column {name!r}: {cell[:80]!r} is not {what}")
        return row


def _kind(cells: Iterable[str]) -> Callable[[str], Cell]:
    filled = [cell for cell in cells if cell]
    for kind in (_number, _boolean):
        if filled and all(_fits(kind, cell) for cell in filled):
            return kind
    return str


def _fits(kind: Callable[[str], Cell], cell: str) -> bool:
    try:
        kind(cell)
    except (ValueError, KeyError):
        return False
    return True


def _number(cell: str) -> float:
    try:
        return int(cell)
    except ValueError:
        return float(cell)


def _boolean(cell: str) -> bool:
    return _BOOLEANS[cell.strip().lower()]
