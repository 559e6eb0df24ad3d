"""Third step: outcomes meet their predictions.

Predictions of the open block and the latest of those before it are found in memory, older ones by one batched look-up
in the store. The look-up sees only offsets before the open block, so a replay, which finds later rows in the store
already, joins the same pairs. An outcome without a prediction is kept as an orphan, and joined when the prediction
arrives.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from driftline_schemas import Outcome, Prediction
from driftline_stream_processors.position import Position
from driftline_stream_processors.scalars import as_number, as_text, or_nan

MAX_ORPHANS = 50_000
"""Orphans kept per partition; beyond it the oldest stays in the store, joined by nobody."""

MAX_REMEMBERED = 20_000
"""Predictions of stored blocks that are kept in memory, per partition."""

EventKey = tuple[str, str]
"""Model and event id."""


class Served(NamedTuple):
    """What an outcome needs to know of its prediction."""

    version: str
    timestamp_ms: int
    prediction: str
    prediction_value: float
    score: float
    segment: dict[str, str]
    offset: int


class Judged(NamedTuple):
    """An outcome, with its prediction once there is one.

    `position` is the offset at which both were known. `error` is 0 or 1 for classes and the absolute error for
    numbers, `residual` prediction minus label for numbers; both are NaN where there is nothing to compare.
    """

    outcome: Outcome
    at: Position
    served: Served | None
    position: int
    error: float
    residual: float


def served(prediction: Prediction, offset: int) -> Served:
    """The part of a prediction that the join remembers."""
    return Served(
        prediction.version,
        prediction.timestamp_ms,
        as_text(prediction.prediction),
        as_number(prediction.prediction),
        or_nan(prediction.score),
        {tag: as_text(value) for tag, value in prediction.segment.items()},
        offset,
    )


def judge(outcome: Outcome, at: Position, found: Served | None, position: int) -> Judged:
    """Compare an outcome with its prediction."""
    nan = float("nan")
    if found is None or outcome.label is None:
        return Judged(outcome, at, found, position, nan, nan)
    residual = found.prediction_value - as_number(outcome.label)
    if residual == residual:
        return Judged(outcome, at, found, position, abs(residual), residual)
    return Judged(outcome, at, found, position, float(found.prediction != as_text(outcome.label)), nan)


class Orphans:
    """Outcomes that wait for their predictions, oldest first, bounded."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[EventKey, dict[str, tuple[Outcome, Position]]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, outcome: Outcome, at: Position) -> None:
        """Keep an outcome; a later one of the same source replaces it."""
        self._waiting.setdefault((outcome.model, outcome.event_id), {})[outcome.source] = (outcome, at)
        if len(self._waiting) > MAX_ORPHANS:
            self._waiting.popitem(last=False)

    def take(self, key: EventKey) -> Iterator[tuple[Outcome, Position]]:
        """Remove and return the outcomes that waited for a prediction."""
        yield from self._waiting.pop(key, {}).values()

    def snapshot(self) -> list[Any]:
        """Plain JSON."""
        kept = (entry for sources in self._waiting.values() for entry in sources.values())
        return [[outcome.model_dump(), list(at)] for outcome, at in kept]

    @classmethod
    def restore(cls, state: list[Any]) -> "Orphans":
        """What `snapshot` returned."""
        orphans = cls()
        for outcome, at in state:
            orphans.add(Outcome.model_validate(outcome), Position(*at))
        return orphans


class Recent:
    """The latest predictions. What is found here is what the store would answer, only sooner; it is in no snapshot."""

    def __init__(self) -> None:
        self._served: OrderedDict[EventKey, Served] = OrderedDict()

    def __len__(self) -> int:
        return len(self._served)

    def __contains__(self, key: EventKey) -> bool:
        return key in self._served

    def get(self, key: EventKey) -> Served | None:
        """The latest prediction of this id, if it is remembered."""
        return self._served.get(key)

    def add(self, key: EventKey, prediction: Served) -> None:
        """Remember a prediction as the latest one."""
        self._served[key] = prediction
        self._served.move_to_end(key)

    def forget_stored(self) -> None:
        """Drop all but the latest; called when everything so far is in the store."""
        while len(self._served) > MAX_REMEMBERED:
            self._served.popitem(last=False)


def unknown(items: Iterable[tuple[Prediction | Outcome, Position]], recent: Recent) -> set[EventKey]:
    """The predictions that must be looked up: those of outcomes that nothing before them in memory answers."""
    seen: set[EventKey] = set()
    wanted: set[EventKey] = set()
    for item, _ in items:
        key = (item.model, item.event_id)
        if isinstance(item, Prediction):
            seen.add(key)
        elif key not in seen and key not in recent:
            wanted.add(key)
    return wanted


def join(
    items: list[tuple[Prediction | Outcome, Position]],
    recent: Recent,
    stored: Mapping[EventKey, Served],
    orphans: Orphans,
) -> list[Judged]:
    """Walk through rows in log order; add predictions to `recent`, judge outcomes, keep and release orphans."""
    judged: list[Judged] = []
    for item, at in items:
        key = (item.model, item.event_id)
        if isinstance(item, Prediction):
            found = served(item, at.offset)
            recent.add(key, found)
            judged += (judge(outcome, seen_at, found, at.offset) for outcome, seen_at in orphans.take(key))
            continue
        match = recent.get(key) or stored.get(key)
        if match is None:
            orphans.add(item, at)
        judged.append(judge(item, at, match, at.offset))
    return judged
