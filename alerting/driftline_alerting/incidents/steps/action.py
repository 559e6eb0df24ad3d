"""A person acknowledges an incident, resolves it, or says what it was."""

from typing import Any

from driftline_alerting.incidents.board import Board
from driftline_alerting.incidents.case import Case
from driftline_alerting.incidents.steps.end import ended
from driftline_schemas.events.incident import IncidentStep
from driftline_schemas.events.incident_action import IncidentAction


def take_action(action: IncidentAction, at_ms: int, case: Case, board: Board) -> Case:
    """The step of a person's act. One that changes nothing, as a second acknowledgement, stands in the timeline too.

    Args:
        action: The act.
        at_ms: The broker's time of its record.
        case: Its incident, however long ago that ended.
        board: The incidents.
    """
    said: dict[str, Any] = {"by": action.by, "comment": action.comment}
    if action.verdict:
        said["verdict"] = action.verdict
    if action.action == "resolve" and case.is_open:
        return board.put(ended(case, board, action.action_id, at_ms, **said))
    if action.action == "acknowledge" and case.incident.state == "open":
        silenced = board.silences.cover(case.incident.model, case.memory.signals, at_ms)
        notify = case.was_told and not silenced
        return board.put(
            case.step("acknowledged", action.action_id, at_ms, notify=notify, memory={}, state="acknowledged", **said)
        )
    step: IncidentStep = "acknowledged" if action.action == "acknowledge" else "judged"
    return board.put(case.step(step, action.action_id, at_ms, notify=False, memory={}, **said))
