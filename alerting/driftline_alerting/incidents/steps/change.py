"""A version was promoted, or a promotion taken back."""

from collections.abc import Iterator

from driftline_alerting.incidents.board import Board
from driftline_alerting.incidents.case import Case
from driftline_alerting.incidents.champion import Champion
from driftline_alerting.incidents.steps.end import ended
from driftline_schemas.events.drift import Kind
from driftline_schemas.events.model_change import ModelChange

_OF_VERSIONS: frozenset[Kind] = frozenset({"data-drift", "prediction-drift", "concept-drift", "performance"})
"""What another version may mend; a broken feed it does not."""


def change_id(change: ModelChange) -> str:
    """What identifies a change: it may be announced twice."""
    return ":".join((change.model, change.action, change.version, str(change.timestamp_ms)))


def take_change(change: ModelChange, at_ms: int, board: Board) -> Iterator[Case]:
    """End the incidents of a model that another version mends; not those that an alert has come about since."""
    if change.action == "refused":
        return
    champion = Champion(change.version, change.timestamp_ms)
    board.champions[change.model] = max(champion, board.champions.get(change.model, champion), key=_since)
    verb = "was promoted" if change.action == "promoted" else "serves again"
    said = f"version {change.version} {verb}" + f" instead of {change.previous_version}" * bool(change.previous_version)
    for case in board.open(change.model):
        if _is_mended(case, change.version) and max(case.memory.alerted_ms, case.memory.began_ms) <= at_ms:
            memory = {"replaced_by": change.version}
            yield board.put(ended(case, board, change_id(change), at_ms, memory=memory, remedy=said))


def _is_mended(case: Case, version: str) -> bool:
    """Whether its newest alert is about another version, and all of them about what a version can mend."""
    return case.memory.signals[-1].version != version and set(case.incident.kinds) <= _OF_VERSIONS


def _since(champion: Champion) -> int:
    return champion.since_ms
