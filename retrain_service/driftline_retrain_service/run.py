"""What one retrain has come to, in a folder of its own; all that must survive a crash is in `run.json`.

A retrain is open until its last step is a final one. While it is open it waits for its next refit, trains it, or has
challengers in the shadow of the champion; several of these at the same time.
"""

import hashlib
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from driftline_registry.files import replace_atomically
from driftline_retrain_service.errors import RunRefused
from driftline_retrain_service.job import JobResult, JobSpec
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
Final = Literal["promoted", "refused", "failed", "skipped", "joined", "rejected"]

FORMAT = 2
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
    champion: str = ""
    challenger: str = ""
    rows: int = 0
    shadow_rows: int = 0
    evidence: float | None = None
    champion_metrics: Mapping[str, float] = Field(default_factory=dict)
    challenger_metrics: Mapping[str, float] = Field(default_factory=dict)


class Refit(_Part):
    """One challenger of a retrain, from the decision to train it on.

    Attributes:
        number: From 1.
        upto: Offset up to which labels were known to it.
        champion: The champion when it was decided.
        attempt: Number of the folder in which it was trained.
        spec: What was trained.
        result: What came out of it.
    """

    number: int
    upto: int
    champion: str
    attempt: int = 0
    spec: JobSpec | None = None
    result: JobResult | None = None


class Proof(_Part):
    """A comparison that goes on: who is compared, how far, and how it stands.

    Attributes:
        refit: Number of the challenger in its retrain.
        number: Number of the proof in its retrain, from 1; it decides which share of alpha the proof has.
        champion: The version that serves.
        challenger: The version that predicts on the logged features.
        rows: Labelled rows that the challenger was trained on.
        position: The outcomes up to this offset have been compared.
        began_ms: When it began, in the log's time.
        state: Snapshot of the e-process and of the figures.
    """

    refit: int
    number: int
    champion: str
    challenger: str
    rows: int
    position: int
    began_ms: int
    state: Mapping[str, JsonValue] = Field(default_factory=dict)


class Promotion(_Part):
    """A promotion that has been decided and is being carried out.

    Attributes:
        step: The step that it will be.
        position: Offset of the outcome that decided it.
        logged_at_ms: The log's time then.
    """

    step: Step
    position: int
    logged_at_ms: int


class RunState(_Part):
    """The content of `run.json`.

    Attributes:
        format: Of this file.
        request: What was asked for.
        settings: The model's specification when the retrain was opened.
        steps: What has happened, oldest first.
        recorded: How many of the steps ClickHouse has.
        began_ms: When the first training began, in the log's time; 0 before.
        approved_by: Who approved of it.
        attempts: Trainings begun, repeated ones included.
        refits: Thresholds of `settings.refit_rows` that need no training any more.
        training: The refit that is being trained.
        proofs_begun: Number of proofs so far.
        proofs: The challengers in shadow, oldest first.
        promotion: What is being carried out.
        promoted: The last version that was promoted and not taken back.
        specs: What was trained, by the version that came of it.
        results: What came out of it.
        ended: Whether the last step is a final one.
    """

    format: int = FORMAT
    request: RetrainRequest
    settings: RetrainSpec = RetrainSpec()
    steps: tuple[Step, ...] = ()
    recorded: int = 0
    began_ms: int = 0
    approved_by: str = ""
    attempts: int = 0
    refits: int = 0
    training: Refit | None = None
    proofs_begun: int = 0
    proofs: tuple[Proof, ...] = ()
    promotion: Promotion | None = None
    promoted: str = ""
    specs: Mapping[str, JobSpec] = Field(default_factory=dict)
    results: Mapping[str, JobResult] = Field(default_factory=dict)
    ended: bool = False
