"""Ready-made training jobs."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from driftline_registry import LocalRegistry, save_sklearn
from driftline_retrain_service.job.candidates import candidates, validation_rows
from driftline_retrain_service.job.files import ROWS, SPEC, JobSpec, LabelledRow, write_rows

FEATURES = ("a", "b")


def labelled_rows(count: int, *, reverse: bool = False) -> list[LabelledRow]:
    """'up' where a > 0, or reversed; b is noise and now and then missing."""
    numbers = np.random.default_rng(7).normal(size=(count, 2)).tolist()
    return [
        LabelledRow(
            event_id=f"e{i}",
            features={"a": a, "b": None if i % 9 == 0 else b},
            label="up" if (a > 0) != reverse else "down",
        )
        for i, (a, b) in enumerate(numbers)
    ]


def champion_registry(root: Path) -> LocalRegistry:
    """A registry whose model `fraud` has a champion, version 1, that believes 'up' is where a > 0."""
    rows = labelled_rows(300)
    numbers = np.array([[row.features[name] for name in FEATURES] for row in rows], dtype=np.float64)
    registry = LocalRegistry(root / "registry")
    model = make_pipeline(SimpleImputer(), LogisticRegression()).fit(numbers, np.array([row.label for row in rows]))
    registry.register("fraud", save_sklearn(model, root / "first", features=FEATURES))
    registry.promote("fraud", "1", expect=None)
    return registry


def job_folder(
    root: Path,
    trainer: str,
    rows: list[LabelledRow],
    *,
    name: str = "job",
    champion: str = "1",
    change_row: int | None = None,
    past_versions: Sequence[str] = (),
) -> Path:
    """A folder with a specification and rows, for a registry in `root`."""
    folder = root / name
    folder.mkdir()
    JobSpec(
        retrain_id="r1",
        model="fraud",
        trainer=trainer,
        registry=str(root / "registry"),
        champion=champion,
        features=FEATURES,
        categorical=frozenset(),
        is_classification=isinstance(rows[0].label, str),
        query="SELECT 1",
        window={"last_offset": 9},
        candidates=tuple(candidates(len(rows), change_row, past_versions)),
        rows=len(rows),
        validation_rows=len(rows) // 5 if change_row is None else validation_rows(len(rows), change_row),
        data_sha256=write_rows(folder / ROWS, rows),
    ).write(folder / SPEC)
    return folder
