"""A trainer that is any command: a specification and rows in, a result and a payload in a safe flavour out, as files.

The command runs in a folder of its own, under the limits of the job:

fit.json      in: `FitSpec`                     rows.jsonl   in: {"features": {...}, "label": ..., "weight": 0..1}
result.json   out: `FitResult`, written last    artifact/    out: the payload, under the name of its flavour
"""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from driftline_registry import Label, Manifest
from driftline_registry.files import sha256_of
from driftline_registry.flavours import flavour_named
from driftline_registry.manifest import Training
from driftline_retrain_service.trainers import TrainingData

SPEC, ROWS, RESULT, ARTIFACT = "fit.json", "rows.jsonl", "result.json", "artifact"


class FitSpec(BaseModel):
    """What the command is asked for."""

    model_config = ConfigDict(frozen=True)

    format: int = 1
    features: tuple[str, ...] = Field(description="in the order of the model's columns")
    categorical: tuple[str, ...] = Field(description="the features that are strings; the others are numbers")
    is_classification: bool = Field(description="whether labels are classes; else they are numbers")
    params: Mapping[str, JsonValue]
    seed: int
    rows: int = Field(description="number of lines of rows.jsonl, oldest first")


class FitResult(BaseModel):
    """What the command answers."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    flavour: str = Field(description="how the payload is stored: sklearn (artifact/model.skops) or river")
    classes: tuple[Label, ...] = Field(default=(), description="in the order of the model's own; none for numbers")


def fit_by_command(
    command: Sequence[str],
    data: TrainingData,
    params: Mapping[str, JsonValue],
    seed: int,
    folder: Path,
    training: Training,
) -> Path:
    """Run the command in `folder`, which must be empty, and return the folder of the artifact.

    Raises:
        ValueError: The command failed, or what it left is no usable result.
        ArtifactRefused: It names a flavour that there is not.
    """
    artifact = folder / ARTIFACT
    artifact.mkdir()
    _write_task(data, params, seed, folder)
    _run(command, folder)
    result = _read_result(command[0], folder, is_classification=data.is_classification)
    payload = artifact / flavour_named(result.flavour).PAYLOAD
    if not payload.is_file() or payload.is_symlink():
        raise ValueError(f"the command {command[0]!r} ended with exit code 0, but wrote no {ARTIFACT}/{payload.name}")
    Manifest(
        flavour=result.flavour,
        payload=payload.name,
        sha256=sha256_of(payload),
        features=tuple(data.features),
        categorical=data.categorical,
        classes=result.classes,
        training=training,
    ).write(artifact)
    return artifact


def _run(command: Sequence[str], folder: Path) -> None:
    try:
        exit_code = subprocess.run(command, cwd=folder, check=False).returncode
    except OSError as error:
        raise ValueError(f"the command {command[0]!r} cannot be run: {error.strerror}") from error
    if exit_code != 0:
        raise ValueError(f"the command {command[0]!r} ended with exit code {exit_code}")


def _read_result(name: str, folder: Path, *, is_classification: bool) -> FitResult:
    try:
        result = FitResult.model_validate_json((folder / RESULT).read_bytes())
    except FileNotFoundError as error:
        raise ValueError(f"the command {name!r} ended with exit code 0, but wrote no {RESULT}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ValueError(f"the {RESULT} of the command {name!r} is not valid: {where}: {first['msg']}") from error
    if bool(result.classes) != is_classification:
        expected = "has no classes, but the labels are" if is_classification else "has classes, but the labels are not"
        raise ValueError(f"the {RESULT} of the command {name!r} {expected}")
    return result


def _write_task(data: TrainingData, params: Mapping[str, JsonValue], seed: int, folder: Path) -> None:
    spec = FitSpec(
        features=tuple(data.features),
        categorical=tuple(sorted(data.categorical)),
        is_classification=data.is_classification,
        params=params,
        seed=seed,
        rows=len(data.rows),
    )
    (folder / SPEC).write_text(spec.model_dump_json(indent=1), encoding="utf-8")
    weights = data.weights or [1.0] * len(data.rows)
    with (folder / ROWS).open("wb") as file:
        for row, label, weight in zip(data.rows, data.labels, weights, strict=True):
            file.write(orjson.dumps({"features": row, "label": label, "weight": weight}) + b"\n")
