"""What one retrain has come to, in a folder of its own; all that must survive a crash is in `run.json`.

A retrain is open until its last step is a final one. While it is open it waits for its next refit, trains it, or has
challengers in the shadow of the champion; several of these at the same time.
"""

import hashlib
import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from driftline_registry.files import replace_atomically
from driftline_retrain_service.errors import RunRefused
from driftline_retrain_service.trial import Trial
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
FILE = "run.json"
_FINAL_OF_FORMAT_1 = frozenset({"skipped", "promoted", "refused", "failed"})
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")


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


class Run:
    """One retrain: each change is on disk before anybody hears of it."""

    def __init__(self, folder: Path, state: RunState) -> None:
        self.folder = folder
        self.state = state

    @classmethod
    def open(cls, runs: Path, request: RetrainRequest) -> Self:
        """Return the run of this request as it stands; a request that comes again finds what is done already."""
        folder = run_folder(runs, request.retrain_id)
        folder.mkdir(parents=True, exist_ok=True)
        return cls.read(folder) or cls(folder, RunState(request=request))

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Return the run in a folder; None when it was not written yet.

        Raises:
            RunRefused: What is written there is not the state of a run.
        """
        file = folder / FILE
        try:
            document = json.loads(file.read_bytes())
            if document.get("format", 1) > FORMAT:
                raise RunRefused(f"{file} was written by a later version of Driftline; use that one, or move it away")
            return cls(folder, RunState.model_validate(_upgraded(document)))
        except FileNotFoundError:
            return None
        except (ValueError, AttributeError) as error:
            raise RunRefused(f"{file} is not the state of a retrain ({error}); restore it, or move it away") from error

    @property
    def request(self) -> RetrainRequest:
        """What was asked for."""
        return self.state.request

    @property
    def is_new(self) -> bool:
        """Whether nothing of it is on disk yet."""
        return not (self.folder / FILE).exists()

    @property
    def change_offset(self) -> int | None:
        """The last offset before the change; None when no change is known."""
        change = self.request.change_point
        return change.offset if change else None

    @property
    def refit_rows(self) -> list[int]:
        """Labelled rows since the change point at which a challenger is trained; without one there is one refit."""
        policy = self.state.policy
        if self.change_offset is None:
            return [0]
        return [rows for rows in policy.refit_rows if rows >= policy.minimum_rows] or [policy.minimum_rows]

    def attempt(self, number: int) -> Path:
        """The folder of a training; what an attempt before it may still be writing to stays apart."""
        folder = self.folder / f"attempt-{number}"
        folder.mkdir(exist_ok=True)
        return folder

    def prepare(self, policy: RetrainSpec) -> None:
        """Be under a policy; nothing is on disk before what becomes of the request is decided."""
        self.state = self.state.model_copy(update={"policy": policy})

    def step(self, step: Step, **fields: object) -> None:
        """Add a step, and replace fields of the state with it."""
        self.change(steps=(*self.state.steps, step), ended=step.final, **fields)

    def settle(self, step: Step, **fields: object) -> None:
        """Add what became of a challenger; the retrain ends with it when no other one is left or to come."""
        after = self.state.model_copy(update=fields)
        if after.training or after.challengers or after.refits < len(self.refit_rows):
            self.step(step, **fields)
        elif step.status == "promoted" or not after.promoted:
            self.step(step.model_copy(update={"final": True}), **fields)
        else:
            end = promoted_before(after, "no later challenger was better")
            self.change(steps=(*self.state.steps, step, end), ended=True, **fields)

    def close(self, explanation: str) -> None:
        """End the retrain as it stands, because it makes no sense to go on."""
        state = self.state
        if state.promoted:
            step = promoted_before(state, explanation)
        else:
            step = Step(
                status="refused" if state.attempts else "skipped", explanation=explanation, at_ms=now_ms(), final=True
            )
        self.step(step, training=None, challengers=())

    def move_on(self, later: RetrainRequest) -> None:
        """Be about a later change: refits are counted from there, challengers stay in shadow."""
        drift_ids = [*self.request.drift_ids, *later.drift_ids]
        place = {"requested": later.requested, "change_point": later.change_point, "drift_ids": drift_ids}
        self.change(request=self.request.model_copy(update=place), refits=0, waiting_for="")

    def change(self, **fields: object) -> None:
        """Replace fields of the state, on disk and here."""
        self.state = self.state.model_copy(update=fields)
        replace_atomically(self.folder / FILE, self.state.model_dump_json(indent=1).encode())


def run_folder(runs: Path, retrain_id: str) -> Path:
    """Where a retrain lies among all of them."""
    plain = _PLAIN.fullmatch(retrain_id)
    return runs / (retrain_id if plain else hashlib.sha256(retrain_id.encode()).hexdigest())


def promoted_before(state: RunState, explanation: str) -> Step:
    """The last step of a retrain that has promoted a version some steps ago."""
    said = f"version {state.promoted} was promoted; {explanation}"
    return Step(status="promoted", explanation=said, at_ms=now_ms(), final=True, champion=state.promoted)


def now_ms() -> int:
    """When a step is taken. It is told and decides nothing."""
    return time.time_ns() // 1_000_000


def _upgraded(document: dict[str, Any]) -> dict[str, Any]:
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
