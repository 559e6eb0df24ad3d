"""Rows become batches; bad rows are found and left out."""

from collections.abc import Callable, Iterator, Sequence

from driftline_producers._batch import Batch, Row, runs, seal


def pack(model: str, kind: str, rows: Sequence[Row], refuse: Callable[[Exception], None]) -> Iterator[Batch]:
    """Batches of rows, in the order of the rows.

    A batch is checked as a whole. Where it is refused, or too long, its halves are tried, down to the single row.

    Args:
        model: Name of the model.
        kind: `prediction` or `outcome`.
        rows: At least one.
        refuse: Hears why a row can be in no batch.
    """
    try:
        batches = [seal(model, kind, run) for run in runs(kind, rows)]
    except Exception as error:  # noqa: BLE001 - whatever the host's objects raise when read
        if len(rows) == 1:
            refuse(error)
            return
        middle = len(rows) // 2
        yield from pack(model, kind, rows[:middle], refuse)
        yield from pack(model, kind, rows[middle:], refuse)
    else:
        yield from batches
