"""Trains a candidate by the job's trainer or command, and loads what the registry would store of it."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from driftline_registry import Label, LoadedModel, Training, load_artifact, save_artifact
from driftline_retrain_service.job.candidates import Candidate
from driftline_retrain_service.job.environment import environment
from driftline_retrain_service.job.files import ARTIFACT, JobSpec, LabelledRow
from driftline_retrain_service.job.selection import Unsuitable
from driftline_retrain_service.trainers import TrainingData, load_trainer
from driftline_retrain_service.trainers.command import fit_by_command

_LIBRARIES = ("driftline-retrain-service", "numpy", "river", "scikit-learn", "skops")


class Fitter:
    """Trains on windows of one job's rows."""

    def __init__(self, spec: JobSpec, rows: Sequence[LabelledRow], folder: Path) -> None:
        self._spec = spec
        self._rows = rows
        self._folder = folder

    def fit(self, candidate: Candidate, end: int) -> LoadedModel:
        """Train on the candidate's rows before row `end`; the model went through its stored form.

        Raises:
            Unsuitable: There is nothing to learn from in these rows.
            Exception: The trainer failed.
        """
        with TemporaryDirectory(prefix="fit-", dir=self._folder) as work:
            return load_artifact(self._artifact(candidate, end, Path(work)))

    def fit_challenger(self, candidate: Candidate) -> LoadedModel:
        """Train on all of the candidate's rows; the artifact is kept as the job's."""
        with TemporaryDirectory(prefix="fit-", dir=self._folder) as work:
            artifact = self._artifact(candidate, len(self._rows), Path(work))
            return load_artifact(artifact.rename(self._folder / ARTIFACT))

    def _artifact(self, candidate: Candidate, end: int, work: Path) -> Path:
        spec, data = self._spec, self._data(candidate, end)
        provenance = self._provenance(candidate, end)
        if spec.command:
            return fit_by_command(spec.command, data, spec.params, spec.seed, work, provenance)
        trainer = load_trainer(spec.trainer)
        model = trainer.fit(data, spec.params, spec.seed)
        return save_artifact(
            model,
            work / ARTIFACT,
            flavour=trainer.flavour,
            features=spec.features,
            categorical=spec.categorical,
            classes=_classes(model, data),
            training=provenance,
        )

    def _data(self, candidate: Candidate, end: int) -> TrainingData:
        rows = self._rows[candidate.first_row : end]
        labels = [row.label for row in rows]
        if not rows:
            raise Unsuitable("it has no row before those that it would be judged on")
        if self._spec.is_classification and len(set(labels)) == 1:
            raise Unsuitable(f"the only class of its {len(rows)} rows is {labels[0]!r}")
        half_life = candidate.half_life_rows
        return TrainingData(
            rows=[row.features for row in rows],
            labels=labels,
            features=self._spec.features,
            categorical=self._spec.categorical,
            is_classification=self._spec.is_classification,
            weights=None if half_life is None else [0.5 ** (age / half_life) for age in reversed(range(len(rows)))],
        )

    def _provenance(self, candidate: Candidate, end: int) -> Training:
        spec, installed = self._spec, environment()
        return Training(
            trainer=spec.trainer,
            params=spec.params,
            seed=spec.seed,
            query=spec.query,
            window=dict(spec.window) | {"candidate": candidate.name, "half_life_rows": candidate.half_life_rows},
            rows=end - candidate.first_row,
            data_sha256=spec.data_sha256,
            libraries={"python": installed.python} | {name: installed.distributions[name] for name in _LIBRARIES},
        )


def _classes(model: object, data: TrainingData) -> tuple[Label, ...]:
    if not data.is_classification:
        return ()
    own = getattr(model, "classes_", None)
    return tuple(sorted(set(data.labels), key=str)) if own is None else tuple(own.tolist())
