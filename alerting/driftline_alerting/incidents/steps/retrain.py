"""A retrain goes on: what the system does about an incident."""

from collections.abc import Iterator
from typing import NamedTuple

from driftline_alerting.incidents.board import Board
from driftline_alerting.incidents.case import Case
from driftline_alerting.incidents.words import cut
from driftline_schemas.events.drift import Kind

REMEDIED: frozenset[Kind] = frozenset({"data-drift", "prediction-drift", "concept-drift", "performance"})

_NEWS = frozenset({"refused", "failed", "rejected", "rolled-back"})
_APPROVAL = "a person must approve"


class RetrainStep(NamedTuple):
    """A step of a retrain, as ClickHouse has it.

    Attributes:
        model: Name of the model.
        retrain_id: The retrain.
        sequence: Number of the step.
        status: As in the table `retrain_log`.
        final: Whether the retrain has ended with it.
        explanation: What was decided and why.
        at_ms: When.
    """

    model: str
    retrain_id: str
    sequence: int
    status: str
    final: bool
    explanation: str
    at_ms: int

    @property
    def step_id(self) -> str:
        """What identifies it; in the order of time."""
        return f"{self.retrain_id}:{self.sequence}"


def take_retrain_step(step: RetrainStep, now_ms: int, board: Board) -> Iterator[Case]:
    """The remedy of every open incident of the model that a retrain may mend and that was there before the step."""
    for case in board.open(step.model):
        known = case.memory.remedy_ms, case.memory.remedy_id
        began_before = case.incident.opened_ms <= step.at_ms
        if began_before and REMEDIED & set(case.incident.kinds) and (step.at_ms, step.step_id) > known:
            yield board.put(_remedied(case, step, now_ms, board))


def _remedied(case: Case, step: RetrainStep, now_ms: int, board: Board) -> Case:
    matters = step.status in _NEWS or step.explanation.startswith(_APPROVAL)
    silenced = board.silences.cover(case.incident.model, case.memory.signals, now_ms)
    return case.step(
        "remedy",
        step.step_id,
        now_ms,
        notify=matters and case.was_told and not silenced,
        memory={"remedy_ms": step.at_ms, "remedy_id": step.step_id, "is_being_remedied": not step.final},
        remedy=cut(f"retrain {step.retrain_id}: {step.status}, {step.explanation}"),
    )
