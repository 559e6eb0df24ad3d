"""An alert opens an incident, joins one, raises its severity, opens it again, or says that it is over."""

from collections.abc import Iterator

from driftline_alerting.incidents.board import Board
from driftline_alerting.incidents.case import Case
from driftline_alerting.incidents.growth import Growth, grown
from driftline_alerting.incidents.opening import opened
from driftline_alerting.incidents.policy import MINUTE_MS
from driftline_alerting.incidents.signal import Signal, Told, signal_of
from driftline_alerting.incidents.steps.end import ended
from driftline_alerting.incidents.steps.time import quiet
from driftline_alerting.incidents.words import cut
from driftline_schemas.events.incident import IncidentStep

_OF_TRAFFIC = frozenset({"silence", "volume"})


def take_alert(told: Told, board: Board) -> Iterator[Case]:
    """The steps that an alert leads to: what was over before it ends, then one step is the alert's own."""
    signal = signal_of(told)
    for case in board.open(told.alert.model):
        if said := quiet(case, board, told.at_ms, signal.until_ms):
            yield board.put(ended(case, board, "", told.at_ms, remedy=said))
    found = _silent(signal, told, board) or board.find(told.alert.model, signal, told.at_ms)
    yield board.put(opened(signal, told, board) if found is None else _continued(found, signal, told, board))


def _silent(signal: Signal, told: Told, board: Board) -> Case | None:
    """The open incident with the silence that an alert says is over."""
    return next(
        (case for case in board.open(told.alert.model) if any(_ends(signal, each) for each in case.memory.signals)),
        None,
    )


def _ends(signal: Signal, silence: Signal) -> bool:
    return signal.is_over and not silence.is_over and signal.is_again(silence)


def _is_over(growth: Growth) -> bool:
    """Whether an incident was about nothing but silences, and the predictions that they cost, and all are over."""
    silences = [each for each in growth.memory["signals"] if each.kind == "silence"]
    return set(growth.incident["kinds"]) <= _OF_TRAFFIC and all(each.is_over for each in silences)


def _continued(case: Case, signal: Signal, told: Told, board: Board) -> Case:
    """The step of an alert that belongs to an incident."""
    growth = grown(case, signal, told, board.champions.get(told.alert.model))
    alert_id, at_ms = told.alert.alert_id, told.at_ms
    if signal.is_over:
        if case.is_open and _is_over(growth):
            said = growth.incident | {"remedy": "resolved by itself: predictions come again"}
            return ended(case, board, alert_id, at_ms, memory=growth.memory, **said)
    elif not case.is_open and not board.is_of_replaced(case, signal):
        return _reopened(case, signal, told, board, growth)
    raised = growth.incident["severity"] != case.incident.severity
    cooled = at_ms - case.memory.told_ms >= board.policy.cooldown_minutes * MINUTE_MS
    notify = case.is_open and (raised or cooled) and not _is_kept_back(signal, told, board)
    step: IncidentStep = "raised" if raised else "joined"
    return case.step(step, alert_id, at_ms, notify=notify, memory=growth.memory, **growth.incident)


def _reopened(case: Case, signal: Signal, told: Told, board: Board, growth: Growth) -> Case:
    """The incident is open again; of a model where that happens again and again people are told once more."""
    times, bound = board.flapping.count(told.alert.model, told.at_ms), board.policy.flapping_reopenings
    said = growth.incident | {"state": "open"}
    if times == bound:
        said["headline"] = cut(f"{said['headline']}; {board.flapping.words()}")
    memory = growth.memory | {"began_ms": told.at_ms, "escalated": False, "resolved_ms": 0, "replaced_by": ""}
    notify = times <= bound and not _is_kept_back(signal, told, board)
    return case.step("reopened", told.alert.alert_id, told.at_ms, notify=notify, memory=memory, **said)


def _is_kept_back(signal: Signal, told: Told, board: Board) -> bool:
    return told.late or board.silences.cover(told.alert.model, [signal], told.at_ms)
