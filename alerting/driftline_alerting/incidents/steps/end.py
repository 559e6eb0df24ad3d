"""How an incident ends, whatever ends it."""

from typing import Any

from driftline_alerting.incidents.board import Board
from driftline_alerting.incidents.case import Case


def ended(
    case: Case, board: Board, cause_id: str, at_ms: int, *, memory: dict[str, Any] | None = None, **changes: Any
) -> Case:
    """The step that resolves an incident; people are told if they know of it."""
    silenced = board.silences.cover(case.incident.model, case.memory.signals, at_ms)
    return case.step(
        "resolved",
        cause_id,
        at_ms,
        notify=case.was_told and not silenced,
        memory={"resolved_ms": at_ms, "is_being_remedied": False} | (memory or {}),
        state="resolved",
        **changes,
    )
