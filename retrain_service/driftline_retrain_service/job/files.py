"""The files of a training: its specification and rows, and what came out; see the package's docstring."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from driftline_registry import Label, Manifest, RegistryError
from driftline_registry.files import replace_atomically
from driftline_registry.flavours import Value
from driftline_retrain_service.errors import RetrainFailed
from driftline_retrain_service.job.candidates import Candidate
from driftline_retrain_service.job.environment import Environment

SPEC, ROWS, RESULT, ARTIFACT = "spec.json", "rows.jsonl", "result.json", "artifact"


class LabelledRow(BaseModel):
    """One line of `rows.jsonl`."""

    model_config = ConfigDict(frozen=True)

    event_id: str = Field(default="", description="of the prediction")
    features: Mapping[str, Value]
    label: Label


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    def write(self, path: Path) -> None:
        """Write the file at once."""
        replace_atomically(path, self.model_dump_json(indent=1).encode())

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file; OSError or ValueError when it is not there or not valid."""
        return cls.model_validate_json(path.read_bytes())


class JobSpec(_File):
    """What to train; the same specification and rows give a model with the same predictions."""

    retrain_id: str
    model: str
    trainer: str
    command: tuple[str, ...] = Field(default=(), description="trains instead of the trainer, when there is one")
    registry: str = Field(description="what `open_registry` takes")
    champion: str = Field(description="version that the challenger is compared with")
    candidates: tuple[Candidate, ...] = Field(default=(), description="what is tried; see `candidates`")
    features: tuple[str, ...]
    categorical: frozenset[str]
    is_classification: bool
    params: Mapping[str, JsonValue] = Field(default_factory=dict)
    seed: int = 0
    query: str
    window: Mapping[str, JsonValue]
    rows: int
    validation_rows: int = Field(default=0, description="so many of the newest rows, on which all are compared")
    data_sha256: str


class JobResult(_File):
    """What came out; all figures are of the same validation rows."""

    chosen: str = Field(description="name of the best candidate")
    version: str | None = Field(default=None, description="the older version that it is; then there is no artifact")
    artifact_sha256: str = Field(default="", description="of the payload; empty for an older version")
    champion: Mapping[str, float]
    figures: Mapping[str, Mapping[str, float]] = Field(description="of each candidate, by name; see `evaluate`")
    left_out: Mapping[str, str] = Field(default_factory=dict, description="why a candidate was not tried, by name")
    rows_sha256: str
    prediction_digest: str = Field(description="of the challenger's answers to the probe set, the newest rows")
    environment: Environment = Environment()
    command_sha256: Mapping[str, str] = Field(default_factory=dict, description="of each file that the command names")

    @property
    def challenger(self) -> Mapping[str, float]:
        """The figures of the chosen candidate, trained before the validation rows."""
        return self.figures[self.chosen]


def write_rows(path: Path, rows: list[LabelledRow]) -> str:
    """Write `rows.jsonl` and return its SHA-256."""
    content = b"".join(orjson.dumps(row.model_dump()) + b"\n" for row in rows)
    replace_atomically(path, content)
    return hashlib.sha256(content).hexdigest()


def read_rows(path: Path, expected_sha256: str) -> list[LabelledRow]:
    """Read `rows.jsonl`; ValueError when it is not the file that the specification means."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != expected_sha256:
        raise ValueError(f"{path} has changed since the specification was written")
    return [LabelledRow.model_validate_json(line) for line in content.splitlines()]


def read_result(folder: Path) -> JobResult:
    """Read what a job that ended with exit code 0 has left.

    Raises:
        RetrainFailed: That is nothing usable.
    """
    try:
        result = JobResult.read(folder / RESULT)
        artifact_sha256 = "" if result.version else Manifest.read(folder / ARTIFACT).sha256
    except (OSError, ValueError, RegistryError) as error:
        raise RetrainFailed(f"the trainer ended without a usable result: {error}") from error
    if artifact_sha256 != result.artifact_sha256:
        raise RetrainFailed(f"the artifact in {folder} is not the one that was judged")
    return result
