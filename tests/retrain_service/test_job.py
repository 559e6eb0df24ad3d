"""Every trainer learns, saves what the registry can load, and gives the same predictions again."""

from pathlib import Path

import pytest

from driftline_registry import LocalRegistry, load_artifact, save_sklearn
from driftline_retrain_service import job
from driftline_retrain_service.job import ARTIFACT, RESULT, ROWS, JobResult, JobSpec, LabelledRow
from driftline_retrain_service.trainers import TrainingData, find_trainer, load_trainer
from driftline_schemas.errors import ConfigurationError
from tests.retrain_service.jobs import champion_registry, job_folder, labelled_rows

TRAINERS = ("logistic-regression", "gradient-boosting", "river-logistic-regression")


@pytest.mark.parametrize("trainer", TRAINERS)
def test_a_challenger_beats_a_champion_whose_world_is_gone(trainer: str, tmp_path: Path) -> None:
    champion_registry(tmp_path)
    folder = job_folder(tmp_path, trainer, labelled_rows(500, reverse=True))
    job.run(folder)
    result = JobResult.read(folder / RESULT)
    assert result.champion["accuracy"] < 0.2
    assert result.challenger["accuracy"] > 0.85
    artifact = load_artifact(folder / ARTIFACT)
    assert artifact.predict({"a": 2.0}).prediction == "down"
    training = artifact.manifest.training
    assert (training.trainer, training.rows, training.query) == (trainer, 500, "SELECT 1")
    assert training.data_sha256 == JobSpec.read(folder / job.SPEC).data_sha256


@pytest.mark.parametrize("trainer", TRAINERS)
def test_the_same_job_gives_the_same_predictions(trainer: str, tmp_path: Path) -> None:
    champion_registry(tmp_path)
    rows = labelled_rows(200)
    predictions = []
    for name in ("one", "two"):
        folder = job_folder(tmp_path, trainer, rows, name=name)
        job.run(folder)
        predictions.append(load_artifact(folder / ARTIFACT).predict_many([row.features for row in rows]))
    assert predictions[0] == predictions[1]


@pytest.mark.parametrize("trainer", TRAINERS)
def test_strings_booleans_and_missing_values_are_features_too(trainer: str, tmp_path: Path) -> None:
    rows = [{"colour": ("red", "blue", None)[i % 3], "size": (1.0, None)[i % 2]} for i in range(300)]
    labels = [row["colour"] == "red" for row in rows]
    data = TrainingData(rows, labels, ("size", "colour"), frozenset({"colour"}), is_classification=True)
    fitted = load_trainer(trainer)
    model = fitted.fit(data, {}, 0)
    from driftline_registry import save_artifact

    folder = save_artifact(
        model,
        tmp_path / "a",
        flavour=fitted.flavour,
        features=data.features,
        categorical=data.categorical,
        classes=[False, True],
    )
    loaded = load_artifact(folder)
    assert loaded.predict({"colour": "red"}).prediction is True
    assert loaded.predict({"colour": "blue", "size": 1.0}).prediction is False
    assert loaded.predict({"colour": "never seen"}).prediction in (True, False)


def test_numbers_are_learnt_by_gradient_boosting_only(tmp_path: Path) -> None:
    rows = [LabelledRow(features={"a": float(i % 10), "b": 0.0}, label=float(i % 10) * 3) for i in range(500)]
    from sklearn.linear_model import LinearRegression

    registry = LocalRegistry(tmp_path / "registry")
    first = save_sklearn(
        LinearRegression().fit([[0.0, 0.0], [1.0, 1.0]], [0.0, 0.0]), tmp_path / "f", features=("a", "b")
    )
    registry.register("fraud", first)
    folder = job_folder(tmp_path, "gradient-boosting", rows)
    job.run(folder)
    result = JobResult.read(folder / RESULT)
    assert result.champion["mae"] == pytest.approx(13.5)
    assert result.challenger["mae"] < 0.1
    with pytest.raises(ValueError, match="choose the trainer gradient-boosting"):
        job.run(job_folder(tmp_path, "logistic-regression", rows, name="other"))


def test_changed_rows_are_not_trained_on(tmp_path: Path) -> None:
    champion_registry(tmp_path)
    folder = job_folder(tmp_path, "logistic-regression", labelled_rows(50))
    with (folder / ROWS).open("ab") as file:
        file.write(b'{"features": {}, "label": "planted"}\n')
    with pytest.raises(ValueError, match="has changed"):
        job.run(folder)


def test_an_unknown_trainer_is_named_with_those_that_exist() -> None:
    with pytest.raises(ConfigurationError, match="'none' is not installed; valid are gradient-boosting, "):
        find_trainer("none")
