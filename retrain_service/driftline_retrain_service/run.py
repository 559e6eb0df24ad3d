"""What one retrain has come to, in a folder of its own; all that must survive a crash is in `run.json`."""

import hashlib
import re
import time
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from driftline_registry.files import replace_atomically
from driftline_retrain_service.job import JobResult, JobSpec
from driftline_schemas.events.retrain_request import RetrainRequest

Status = Literal["accepted", "skipped", "training", "promoted", "refused", "failed"]
FINAL: frozenset[Status] = frozenset({"skipped", "promoted", "refused", "failed"})

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Step(BaseModel):
    """One row of the table `retrain_log`."""

    model_config = ConfigDict(frozen=True)

    status: Status
    explanation: str
    at_ms: int
    champion: str = ""
    challenger: str = ""
    rows: int = 0


class RunState(BaseModel):
    """The content of `run.json`."""

    model_config = ConfigDict(frozen=True)

    request: RetrainRequest
    steps: tuple[Step, ...] = ()
    attempts: int = 0
    spec: JobSpec | None = Field(default=None, description="of the attempt that succeeded")
    result: JobResult | None = Field(default=None, description="of that attempt; from here on nothing is trained again")
    announced: bool = False


class Run:
    """One retrain: each change is on disk before anybody hears of it."""

    def __init__(self, folder: Path, state: RunState) -> None:
        self.folder = folder
        self.state = state

    @classmethod
    def open(cls, runs: Path, request: RetrainRequest) -> Self:
        """Return the run of this request as it stands; a request that comes again finds what is done already."""
        identity = request.retrain_id
        if not _PLAIN.fullmatch(identity):
            identity = hashlib.sha256(identity.encode()).hexdigest()
        folder = runs / identity
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return cls(folder, RunState.model_validate_json((folder / "run.json").read_bytes()))
        except FileNotFoundError:
            return cls(folder, RunState(request=request))

    @property
    def request(self) -> RetrainRequest:
        """What was asked for."""
        return self.state.request

    @property
    def ended(self) -> bool:
        """Whether the last step is a final one."""
        return bool(self.state.steps) and self.state.steps[-1].status in FINAL

    def step(
        self, status: Status, explanation: str, *, champion: str = "", challenger: str = "", rows: int = 0
    ) -> None:
        """Add a step; one that was taken before a crash stays as it is."""
        if any(known.status == status for known in self.state.steps):
            return
        step = Step(
            status=status,
            explanation=explanation,
            at_ms=time.time_ns() // 1_000_000,
            champion=champion,
            challenger=challenger,
            rows=rows,
        )
        self.change(steps=(*self.state.steps, step))

    def fail(self, explanation: str) -> None:
        """End the retrain without a challenger."""
        last = self.state.steps[-1] if self.state.steps else None
        self.step("failed", explanation, champion=last.champion if last else "", rows=last.rows if last else 0)

    @property
    def attempt(self) -> Path:
        """The folder of the last attempt."""
        return self.folder / f"attempt-{self.state.attempts}"

    def next_attempt(self) -> Path:
        """Return a new folder for one attempt; what an attempt before it may still be writing to stays apart."""
        self.change(attempts=self.state.attempts + 1)
        self.attempt.mkdir(exist_ok=True)
        return self.attempt

    def change(self, **fields: object) -> None:
        """Replace fields of the state, on disk and here."""
        self.state = self.state.model_copy(update=fields)
        replace_atomically(self.folder / "run.json", self.state.model_dump_json(indent=1).encode())
