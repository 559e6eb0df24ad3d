"""Events as Arrow tables, in the columns of `prediction_log` and `outcome_log`, and back."""

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from driftline_stream_processors.columns import Judged, Mask, OptionalTexts, Places, Predictions, Served
from driftline_stream_processors.storage.arrow import Codes, array, numbers, repeated, strings, texts, times


def prediction_table(groups: Sequence[Predictions]) -> pa.Table:
    """Rows of `prediction_log`, group by group."""
    lengths = [len(group) for group in groups]
    return pa.table(
        {
            "timestamp": times(group.timestamp_ms for group in groups),
            "model": repeated([group.model for group in groups], lengths),
            "version": repeated([group.version for group in groups], lengths),
            "event_id": strings(group.event_id for group in groups),
            "features": _numbers_by_name(groups),
            "categories": _texts_by_name([group.texts for group in groups], lengths),
            "segment": _texts_by_name([group.segment for group in groups], lengths),
            "prediction": strings(group.prediction for group in groups),
            "prediction_value": numbers(group.prediction_value for group in groups),
            "score": numbers(group.score for group in groups),
            "subject_id": strings(group.subject_id for group in groups),
            "latency_ms": numbers(group.latency_ms for group in groups),
            "traceparent": strings(group.traceparent for group in groups),
            **_places([group.places for group in groups]),
        }
    )


def outcome_table(groups: Sequence[Judged]) -> pa.Table:
    """Rows of `outcome_log`; the prediction's columns of an orphan hold "", 0 and NaN."""
    outcomes = [group.outcomes for group in groups]
    served = [group.served for group in groups]
    lengths = [len(group) for group in groups]
    return pa.table(
        {
            "model": repeated([group.model for group in outcomes], lengths),
            "event_id": strings(group.event_id for group in outcomes),
            "source": strings(group.source for group in outcomes),
            "label": strings(group.label for group in outcomes),
            "label_value": numbers(group.label_value for group in outcomes),
            "timestamp": times(group.timestamp_ms for group in outcomes),
            "predicted_at": times(group.timestamp_ms for group in served),
            "version": strings(group.version for group in served),
            "prediction": strings(group.prediction for group in served),
            "prediction_value": numbers(group.prediction_value for group in served),
            "score": numbers(group.score for group in served),
            "segment": _texts_by_name([group.segment for group in served], lengths),
            "joined": numbers(group.joined for group in groups),
            "error": numbers(group.error for group in groups),
            **_places([group.outcomes.places for group in groups]),
            "position": numbers(group.position for group in groups),
        }
    )


def served_columns(table: pa.Table) -> Served:
    """Columns of `prediction_index` as the join takes them."""
    column = {name: table.column(name).combine_chunks() for name in table.column_names}
    return Served(
        version=texts(column["version"]),
        timestamp_ms=column["timestamp_ms"].to_numpy(),
        prediction=texts(column["prediction"]),
        prediction_value=column["prediction_value"].to_numpy(),
        score=column["score"].to_numpy(),
        segment=_columns_by_name(column["segment"]),
        offset=column["offset"].to_numpy().astype(np.int64),
        row=column["row"].to_numpy().astype(np.int64),
    )


def _columns_by_name(maps: pa.MapArray) -> dict[str, list[str | None]]:
    """A map column as one column per key."""
    columns: dict[str, list[str | None]] = {}
    rows = np.repeat(np.arange(len(maps)), np.diff(maps.offsets.to_numpy()))
    for row, name, text in zip(rows.tolist(), texts(maps.keys), texts(maps.items), strict=True):
        columns.setdefault(name, [None] * len(maps))[row] = text
    return columns


def _places(places: Sequence[Places]) -> dict[str, pa.Array]:
    return {
        "partition": array(np.repeat([place.partition for place in places], [len(place) for place in places])),
        "offset": numbers(place.offset for place in places),
        "row": numbers(place.row for place in places),
        "logged_at": times(place.logged_at_ms for place in places),
    }


def _numbers_by_name(groups: Sequence[Predictions]) -> pa.Array:
    """The map column of number features; an absent feature has no key."""
    names = [tuple(group.numbers) for group in groups]
    values = numbers(column for group in groups for column in group.numbers.values())
    if not any(group.present for group in groups):
        return _map(names, [len(group) for group in groups], values, None)
    everywhere = [np.ones(len(group), np.bool_) for group in groups]
    present = [
        group.present.get(name, full) for group, full in zip(groups, everywhere, strict=True) for name in group.numbers
    ]
    return _map(names, [len(group) for group in groups], values, np.concatenate(present))


def _texts_by_name(groups: Sequence[Mapping[str, OptionalTexts]], lengths: Sequence[int]) -> pa.Array:
    """A map column of texts; a name without a text in a row has no key there."""
    items = list(chain.from_iterable(column for group in groups for column in group.values()))
    present = np.array([item is not None for item in items]) if None in items else None
    return _map([tuple(group) for group in groups], lengths, strings([items]), present)


def _map(names: Sequence[Sequence[str]], lengths: Sequence[int], items: pa.Array, present: Mask | None) -> pa.Array:
    """A map column of named columns.

    Args:
        names: Per group, the names of its columns.
        lengths: Per group, its rows.
        items: All columns of the first group one after the other, then those of the second, and so on.
        present: Which of the items have an entry; None for all.
    """
    codes = Codes()
    key_of_column = codes.of(chain.from_iterable(names))
    rows, width = np.array(lengths, np.int32), np.array([len(group) for group in names], np.int32)
    first_item = np.repeat(_starts(rows * width) - _starts(rows), rows) + np.arange(rows.sum(), dtype=np.int32)
    width_of_row = np.repeat(width, rows)
    column = np.arange(len(items), dtype=np.int32) - np.repeat(_starts(width_of_row), width_of_row)
    source = np.repeat(first_item, width_of_row) + column * np.repeat(rows, rows * width)
    keys = key_of_column[column + np.repeat(_starts(width), rows * width)]
    ends = np.cumsum(width_of_row)
    if present is not None and not present.all():
        kept = present[source]
        ends = np.concatenate([[0], np.cumsum(kept)])[ends]
        source, keys = source[kept], keys[kept]
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    return pa.MapArray.from_arrays(array(offsets), codes.array(keys), items.take(array(source)))


def _starts(lengths: NDArray[np.int32]) -> NDArray[np.int32]:
    """Where each of some consecutive pieces begins."""
    return np.cumsum(lengths, dtype=np.int32) - lengths
