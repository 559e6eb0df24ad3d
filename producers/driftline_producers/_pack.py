"""What was logged becomes batches; bad rows are found and left out."""

from collections.abc import Callable, Iterator

from driftline_producers._batch import Batch, Columns, runs, seal


def pack(model: str, kind: str, columns: Columns, refuse: Callable[[Exception], None]) -> Iterator[Batch]:
    """Batches of rows that are given by columns, in the order of the rows.

    A batch is checked as a whole. Where it is refused, or too long, its halves are tried, down to the single row.

    Args:
        model: Name of the model.
        kind: `prediction` or `outcome`.
        columns: Of at least one row.
        refuse: Hears why a row can be in no batch.
    """
    try:
        batches = [seal(model, kind, run) for run in runs(kind, columns)]
    except Exception as error:  # noqa: BLE001 - whatever the host's objects raise when read
        rows = len(columns[0])
        if rows == 1:
            refuse(error)
            return
        yield from pack(model, kind, [column[: rows // 2] for column in columns], refuse)
        yield from pack(model, kind, [column[rows // 2 :] for column in columns], refuse)
    else:
        yield from batches
