"""What is written beside a model's payload: how to feed it, and everything a rerun needs."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from driftline_registry.errors import ArtifactRefused

MANIFEST_NAME = "manifest.json"
MANIFEST_FORMAT = 1

Label = bool | int | float | str


class Training(BaseModel):
    """Where a model came from; with the same libraries these values train the same model again."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    trainer: str = ""
    params: Mapping[str, JsonValue] = Field(default_factory=dict)
    seed: int = 0
    query: str = Field(default="", description="the SQL that read the window, its parameters in `window`")
    window: Mapping[str, JsonValue] = Field(default_factory=dict, description="bounds of the window in the log")
    rows: int = Field(default=0, ge=0, description="rows trained on; the held-out ones are not among them")
    holdout_rows: int = Field(default=0, ge=0)
    data_sha256: str = ""
    libraries: Mapping[str, str] = Field(default_factory=dict, description="version of each library that matters")


class Manifest(BaseModel):
    """The description of one model artifact: a folder with this as `manifest.json` and the payload file it names."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: int = Field(default=MANIFEST_FORMAT, ge=1, le=MANIFEST_FORMAT)
    flavour: str = Field(description="how the payload is loaded: 'sklearn', 'river' or 'onnx'")
    payload: str = Field(pattern=r"\A[A-Za-z0-9_-]+\.[a-z0-9]+\z", description="file name beside the manifest")
    sha256: str = Field(pattern=r"\A[0-9a-f]{64}\z", description="of the payload")
    features: tuple[str, ...] = Field(min_length=1, description="in the order of the model's columns")
    categorical: frozenset[str] = Field(
        default=frozenset(), description="features that are strings; others are numbers"
    )
    classes: tuple[Label, ...] = Field(default=(), description="in the order of the model's own; empty = regression")
    training: Training = Field(default_factory=Training)
    metrics: Mapping[str, float] = Field(default_factory=dict, description="on the held-out rows")

    def write(self, folder: Path) -> None:
        """Write `manifest.json` into an artifact's folder."""
        (folder / MANIFEST_NAME).write_text(self.model_dump_json(indent=1), encoding="utf-8")

    @staticmethod
    def read(folder: Path) -> "Manifest":
        """Read an artifact's manifest.

        Raises:
            ArtifactRefused: there is none, or it is not a valid one.
        """
        try:
            return Manifest.model_validate_json((folder / MANIFEST_NAME).read_bytes())
        except FileNotFoundError as error:
            raise ArtifactRefused(f"{folder} holds no {MANIFEST_NAME}: not a model artifact") from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise ArtifactRefused(f"{folder / MANIFEST_NAME}: {where}: {first['msg']}") from error
