"""What the passing of time does: an incident that nobody acknowledges is escalated, one that is quiet ends."""

from collections.abc import Iterator

from driftline_alerting.incidents.board import Board
from driftline_alerting.incidents.case import Case
from driftline_alerting.incidents.policy import HOUR_MS, MINUTE_MS
from driftline_alerting.incidents.steps.end import ended


def pass_time(now_ms: int, board: Board) -> Iterator[Case]:
    """The steps that are due."""
    for case in board.open():
        if said := quiet(case, board, now_ms):
            yield board.put(ended(case, board, "", now_ms, remedy=said))
        elif _is_neglected(case, board, now_ms):
            yield board.put(case.step("escalated", "", now_ms, notify=True, memory={"escalated": True}))


def quiet(case: Case, board: Board, now_ms: int, log_ms: int = 0) -> str:
    """Why an incident is over by itself; empty while it is not.

    Args:
        case: An open incident.
        board: What decides about it.
        now_ms: The time of the clock, or of the broker.
        log_ms: The log's own time, if a record tells it: a replay passes a day in a moment.
    """
    if case.memory.is_being_remedied:
        return ""
    hours = board.policy.resolve_after_hours
    waited_ms = max(now_ms - _last_ms(case), log_ms - case.memory.detected_ms)
    return f"resolved by itself: nothing more was told for {hours:g} h" if waited_ms > hours * HOUR_MS else ""


def _last_ms(case: Case) -> int:
    return max(case.memory.alerted_ms, case.memory.began_ms, case.memory.remedy_ms)


def _is_neglected(case: Case, board: Board, now_ms: int) -> bool:
    return (
        case.incident.state == "open"
        and case.incident.severity != "info"
        and not case.memory.escalated
        and now_ms - case.memory.began_ms >= board.policy.escalate_after_minutes * MINUTE_MS
        and not board.silences.cover(case.incident.model, case.memory.signals, now_ms)
    )
