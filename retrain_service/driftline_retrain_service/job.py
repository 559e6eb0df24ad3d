"""One training: a specification and labelled rows in, an artifact and its figures out, all as files in one folder.

spec.json     what to do                rows.jsonl    {"features": {...}, "label": ...}, oldest first
result.json   written last, at once     artifact/     the challenger
"""

import hashlib
import platform
from collections.abc import Mapping
from importlib.metadata import version as library_version
from pathlib import Path
from typing import Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from driftline_registry import Label, LocalRegistry, Training, load_artifact, save_artifact
from driftline_registry.files import replace_atomically
from driftline_registry.flavours import Value
from driftline_retrain_service.evaluation import evaluate
from driftline_retrain_service.trainers import TrainingData, load_trainer

SPEC, ROWS, RESULT, ARTIFACT = "spec.json", "rows.jsonl", "result.json", "artifact"
_LIBRARIES = ("driftline-retrain-service", "numpy", "river", "scikit-learn", "skops")


class LabelledRow(BaseModel):
    """One line of `rows.jsonl`."""

    model_config = ConfigDict(frozen=True)

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
    registry: Path
    champion: str = Field(description="version that the challenger is compared with")
    features: tuple[str, ...]
    categorical: frozenset[str]
    is_classification: bool
    params: Mapping[str, JsonValue] = Field(default_factory=dict)
    seed: int = 0
    query: str
    window: Mapping[str, JsonValue]
    rows: int
    holdout_rows: int
    data_sha256: str


class JobResult(_File):
    """What came out; both figures are of the same held-out rows."""

    artifact_sha256: str
    champion: Mapping[str, float]
    challenger: Mapping[str, float]


def run(folder: Path) -> None:
    """Train, save, reload and compare; whatever is raised means that there is no challenger."""
    spec = JobSpec.read(folder / SPEC)
    rows = read_rows(folder / ROWS, spec.data_sha256)
    split = len(rows) - spec.holdout_rows
    trainer = load_trainer(spec.trainer)
    data = TrainingData(
        rows=[row.features for row in rows[:split]],
        labels=[row.label for row in rows[:split]],
        features=spec.features,
        categorical=spec.categorical,
        is_classification=spec.is_classification,
    )
    model = trainer.fit(data, spec.params, spec.seed)
    artifact = save_artifact(
        model,
        folder / ARTIFACT,
        flavour=trainer.flavour,
        features=spec.features,
        categorical=spec.categorical,
        classes=_classes(model, data),
        training=_provenance(spec),
    )
    challenger = load_artifact(artifact)
    champion = LocalRegistry(spec.registry).load(spec.model, spec.champion)
    held_out = [row.features for row in rows[split:]], [row.label for row in rows[split:]]
    JobResult(
        artifact_sha256=challenger.manifest.sha256,
        champion=evaluate(champion, *held_out, is_classification=spec.is_classification),
        challenger=evaluate(challenger, *held_out, is_classification=spec.is_classification),
    ).write(folder / RESULT)


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


def _classes(model: object, data: TrainingData) -> tuple[Label, ...]:
    if not data.is_classification:
        return ()
    own = getattr(model, "classes_", None)
    return tuple(sorted(set(data.labels), key=str)) if own is None else tuple(own.tolist())


def _provenance(spec: JobSpec) -> Training:
    return Training(
        trainer=spec.trainer,
        params=spec.params,
        seed=spec.seed,
        query=spec.query,
        window=spec.window,
        rows=spec.rows - spec.holdout_rows,
        holdout_rows=spec.holdout_rows,
        data_sha256=spec.data_sha256,
        libraries={"python": platform.python_version()} | {name: library_version(name) for name in _LIBRARIES},
    )
