"""The state of a retrain, as `run.json` holds it."""

import time
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from driftline_retrain_service.proof.trial import Trial
from driftline_schemas.events.model_spec import RetrainSpec
from driftline_schemas.events.retrain_request import RetrainRequest

Status = Literal[
    "accepted",
    "waiting",
    "training",
    "shadow",
    "promoted",
    "refused",
    "failed",
    "skipped",
    "joined",
    "rejected",
    "rolled-back",
]
FINAL: frozenset[Status] = frozenset({"promoted", "refused", "failed", "skipped", "joined", "rejected"})

FORMAT = 2
_FINAL_OF_FORMAT_1 = frozenset({"skipped", "promoted", "refused", "failed"})


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Step(_Part):
    """One row of the table `retrain_log`.

    Attributes:
        status: How the retrain stands, or what became of one of its challengers.
        explanation: What was decided and why, in one sentence.
        at_ms: When the step was taken.
        final: Whether the retrain ends with it.
        refit: Number of the challenger, from 1; 0 where none is meant.
        attempt: Number of the folder in which it was trained; 0 where none is meant.
        champion: The champion at that time.
        challenger: The challenger's version.
        rows: Labelled rows that were trained on.
        shadow_rows: Outcomes on which both were compared.
        evidence: E-value of the proof; None without one.
        champion_metrics: Figures of the champion on these outcomes.
        challenger_metrics: The same of the challenger.
    """

    status: Status
    explanation: str
    at_ms: int
    final: bool = False
    refit: int = 0
    attempt: int = 0
    champion: str = ""
    challenger: str = ""
    rows: int = 0
    shadow_rows: int = 0
    evidence: float | None = None
    champion_metrics: Mapping[str, float] = Field(default_factory=dict)
    challenger_metrics: Mapping[str, float] = Field(default_factory=dict)


class Refit(_Part):
    """A challenger that is to be trained.

    Attributes:
        number: From 1.
        upto: Labels are known to it up to this offset.
        rows_since_change: Labelled rows since the change point; None without one.
        champion: The champion when it was decided.
        attempt: Number of the folder that holds the trained challenger; 0 as long as there is none.
    """

    number: int
    upto: int
    rows_since_change: int | None = None
    champion: str
    attempt: int = 0


class Challenger(_Part):
    """A challenger in the shadow of the champion.

    Attributes:
        refit: Number of the challenger.
        attempt: Number of the folder in which it was trained.
        rows: Labelled rows that it was trained on.
        trial: How it does beside the champion.
    """

    refit: int
    attempt: int
    rows: int
    trial: Trial


class Promotion(_Part):
    """A promotion that has been decided and is being carried out.

    Attributes:
        challenger: Who is promoted.
        step: The step that it will be.
    """

    challenger: Challenger
    step: Step


class RunState(_Part):
    """The content of `run.json`.

    Attributes:
        format: Of this file.
        request: What was asked for.
        policy: The section `retrain` of the model's specification when the retrain was opened.
        steps: What has happened, oldest first.
        told: How many of the steps everybody has been told.
        waiting_for: Name of the policy that it waits for; empty while it does not.
        began_ms: When the first training began, in the log's time; 0 before.
        approved_by: Who approved of it; empty while nobody has.
        recalled: Whether former champions have been tried.
        refits: How many refits were begun or left out.
        attempts: Trainings begun, repeated ones included.
        training: What is being trained.
        trials: Trials begun so far; they share alpha.
        challengers: Who is in shadow, the oldest first.
        promotion: What is being carried out.
        promoted: The last version that it promoted; empty before.
        ended: Whether the last step is a final one.
    """

    format: int = FORMAT
    request: RetrainRequest
    policy: RetrainSpec = RetrainSpec()
    steps: tuple[Step, ...] = ()
    told: int = 0
    waiting_for: str = ""
    began_ms: int = 0
    approved_by: str = ""
    recalled: bool = False
    refits: int = 0
    attempts: int = 0
    training: Refit | None = None
    trials: int = 0
    challengers: tuple[Challenger, ...] = ()
    promotion: Promotion | None = None
    promoted: str = ""
    ended: bool = False


def promoted_before(state: RunState, explanation: str) -> Step:
    """The last step of a retrain that has promoted a version some steps ago."""
    said = f"version {state.promoted} was promoted; {explanation}"
    return Step(status="promoted", explanation=said, at_ms=now_ms(), final=True, champion=state.promoted)


def now_ms() -> int:
    """When a step is taken. It is told and decides nothing."""
    return time.time_ns() // 1_000_000


def upgraded(document: dict[str, Any]) -> dict[str, Any]:
    """A file of the first format as one of this one; what had not ended begins anew."""
    if document.get("format", 1) == FORMAT:
        return document
    steps = document.get("steps", [])
    ended = bool(steps) and steps[-1]["status"] in _FINAL_OF_FORMAT_1
    if ended:
        steps[-1]["final"] = True
    began = any(step["status"] in ("accepted", "training") for step in steps)
    return {
        "request": document["request"],
        "steps": steps,
        "told": len(steps) if ended else 0,
        "began_ms": document["request"]["requested"]["timestamp_ms"] if began else 0,
        "attempts": document.get("attempts", 0),
        "ended": ended,
    }
