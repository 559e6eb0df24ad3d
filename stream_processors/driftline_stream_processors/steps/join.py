"""Fourth step: outcomes meet their predictions.

The latest predictions are found in memory, older ones by one batched look-up in the store, which sees only offsets
before the open block: a replay, which finds later rows in the store already, joins the same pairs. An outcome that
comes before its prediction is an orphan, and is joined when the prediction arrives.
"""

from collections.abc import Awaitable, Callable, Sequence

import numpy as np

from driftline_stream_processors.columns import Floats, Integers, Judged, Mask, Outcomes, Predictions, Rows, Served
from driftline_stream_processors.memory.orphans import Orphans
from driftline_stream_processors.memory.recent import Recent
from driftline_stream_processors.memory.served import ServedTable

EventKey = tuple[str, str]
"""Model and event id."""


LookUp = Callable[[Sequence[EventKey]], Awaitable[tuple[dict[EventKey, int], Served]]]
"""Finds stored predictions, all at once: for each key found its row in the columns, and the columns."""


async def join(
    predictions: Sequence[Predictions],
    outcomes: Sequence[Outcomes],
    recent: Recent,
    orphans: Orphans,
    look_up: LookUp,
) -> list[Judged]:
    """Judge the outcomes of a run, and those that waited for its predictions, which `recent` holds already."""
    tables, joined = [], []
    for group in outcomes:
        table, mask = _from_memory(group, recent)
        tables.append(table)
        joined.append(mask)
    await _from_store(outcomes, joined, tables, look_up)
    judged = [
        judge(group, mask, table.served(), group.places.offset, group.places.row)
        for group, mask, table in zip(outcomes, joined, tables, strict=True)
    ]
    for group, mask in zip(outcomes, joined, strict=True):
        if not mask.all():
            orphans.add(group.take(np.flatnonzero(~mask)))
    return judged + _released(predictions, orphans)


def _from_memory(group: Outcomes, recent: Recent) -> tuple[ServedTable, Mask]:
    """The predictions that are known and stand before their outcomes, and which do."""
    codes = recent.find(group.model, group.event_id)
    known: Mask = codes >= 0
    table = _taken(codes, known, recent)
    served = table.served()
    joined: Mask = known & _before(served.offset, served.row, group.places.offset, group.places.row)
    if not np.array_equal(joined, known):  # an outcome stands before its prediction in this very run
        table = _taken(codes, joined, recent)
    return table, joined


def _taken(codes: Integers, which: Mask, recent: Recent) -> ServedTable:
    table = ServedTable(len(codes))
    rows = np.flatnonzero(which)
    recent.take(codes[rows], table, rows)
    return table


def _before(offset: Integers, row: Integers, other_offset: Integers, other_row: Integers) -> Mask:
    before: Mask = (offset < other_offset) | ((offset == other_offset) & (row < other_row))
    return before


async def _from_store(
    groups: Sequence[Outcomes], joined: Sequence[Mask], tables: Sequence[ServedTable], look_up: LookUp
) -> None:
    """Fill in the predictions that are in the store; mark their outcomes as joined."""
    missing = [np.flatnonzero(~mask).tolist() for mask in joined]
    keys = {(group.model, group.event_id[row]) for group, rows in zip(groups, missing, strict=True) for row in rows}
    if not keys:
        return
    index, served = await look_up(sorted(keys))
    for group, mask, table, rows in zip(groups, joined, tables, missing, strict=True):
        pairs = [(row, index.get((group.model, group.event_id[row]))) for row in rows]
        found = np.array([pair for pair in pairs if pair[1] is not None], np.intp).reshape(-1, 2)
        table.put(found[:, 0], served, found[:, 1])
        mask[found[:, 0]] = True


def judge(outcomes: Outcomes, joined: Mask, served: Served, offset: Integers, row: Integers) -> Judged:
    """Compare outcomes with their predictions, known together since the place that `offset` and `row` name."""
    with np.errstate(over="ignore"):
        residual = served.prediction_value - outcomes.label_value
    error = np.abs(residual)
    classes = np.flatnonzero(joined & np.isnan(residual))
    error[classes] = _wrong(outcomes, served, classes)
    return Judged(outcomes, joined, served, offset, row, error, residual)


def _wrong(outcomes: Outcomes, served: Served, rows: Rows) -> Floats:
    """1 where the predicted class is not the label, 0 where it is, NaN where there is no label."""
    pairs = ((served.prediction[row], outcomes.label[row]) for row in rows.tolist())
    return np.array([np.nan if label is None else prediction != label for prediction, label in pairs], np.float64)


def _released(predictions: Sequence[Predictions], orphans: Orphans) -> list[Judged]:
    """The outcomes that waited for these predictions."""
    judged = []
    for group in predictions:
        rows = orphans.waited_for(group.model, group.event_id)
        if not rows:
            continue
        released = [(row, waiting) for row in rows for waiting in orphans.release(group.model, group.event_id[row])]
        which = np.array([row for row, _ in released], np.intp)
        outcomes = orphans.outcomes(group.model, [waiting for _, waiting in released])
        places = group.places.take(which)
        everyone = np.ones(len(released), np.bool_)
        judged.append(judge(outcomes, everyone, group.served().take(which), places.offset, places.row))
    return judged
