"""Outcomes that wait for their predictions."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from driftline_stream_processors.columns import Outcomes, Places

MAX_ORPHANS = 50_000
"""Event ids whose outcomes wait, per partition; beyond it the oldest stay in the store, joined by nobody."""


class Waiting(NamedTuple):
    """One outcome and its place."""

    event_id: str
    label: str | None
    label_value: float
    timestamp_ms: int
    source: str
    offset: int
    row: int
    logged_at_ms: int


class Orphans:
    """Outcomes without a prediction, oldest first. Too many are forgotten at the end of a block, where the log cuts."""

    def __init__(self, partition: int) -> None:
        self._partition = partition
        self._models: dict[str, set[str]] = {}
        self._waiting: OrderedDict[tuple[str, str], dict[str, Waiting]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, outcomes: Outcomes) -> None:
        """Let outcomes wait; a later one of the same event and source replaces the earlier."""
        places = outcomes.places
        columns = (
            outcomes.event_id,
            outcomes.label,
            outcomes.label_value.tolist(),
            outcomes.timestamp_ms.tolist(),
            outcomes.source,
            places.offset.tolist(),
            places.row.tolist(),
            places.logged_at_ms.tolist(),
        )
        for fields in zip(*columns, strict=True):
            self._add(outcomes.model, Waiting(*fields))

    def _add(self, model: str, waiting: Waiting) -> None:
        self._models.setdefault(model, set()).add(waiting.event_id)
        self._waiting.setdefault((model, waiting.event_id), {})[waiting.source] = waiting

    def waited_for(self, model: str, event_ids: Sequence[str]) -> list[int]:
        """Which of these predictions have outcomes waiting."""
        ids = self._models.get(model)
        return [row for row, event_id in enumerate(event_ids) if event_id in ids] if ids else []

    def release(self, model: str, event_id: str) -> list[Waiting]:
        """Remove and return the outcomes that waited for a prediction."""
        self._discard(model, event_id)
        return list(self._waiting.pop((model, event_id)).values())

    def _discard(self, model: str, event_id: str) -> None:
        ids = self._models[model]
        ids.discard(event_id)
        if not ids:
            del self._models[model]

    def end_block(self) -> None:
        """Forget the oldest of too many."""
        while len(self._waiting) > MAX_ORPHANS:
            (model, event_id), _ = self._waiting.popitem(last=False)
            self._discard(model, event_id)

    def outcomes(self, model: str, waiting: Sequence[Waiting]) -> Outcomes:
        """Released outcomes as columns."""
        event_id, label, label_value, timestamp_ms, source, offset, row, logged_at_ms = zip(*waiting, strict=True)
        integers = (np.array(column, np.int64) for column in (offset, row, logged_at_ms))
        return Outcomes(
            model,
            Places(self._partition, *integers),
            event_id,
            label,
            np.array(label_value, np.float64),
            np.array(timestamp_ms, np.int64),
            source,
        )

    def snapshot(self) -> list[Any]:
        """Plain data, oldest first."""
        return [[model, [list(each) for each in sources.values()]] for (model, _), sources in self._waiting.items()]

    @classmethod
    def restore(cls, state: list[Any], partition: int) -> Self:
        """What `snapshot` returned."""
        orphans = cls(partition)
        for model, sources in state:
            for fields in sources:
                orphans._add(model, Waiting(*fields))
        return orphans
