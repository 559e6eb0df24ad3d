"""Every trainer learns, saves what the registry can load, and gives the same predictions again."""

from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from driftline_registry import LocalRegistry, load_artifact, save_sklearn
from driftline_retrain_service import job
from driftline_retrain_service.job.files import (
    ARTIFACT,
    RESULT,
    ROWS,
    SPEC,
    JobResult,
    JobSpec,
    LabelledRow,
    read_result,
    write_rows,
)
from driftline_retrain_service.job.selection import Unsuitable
from driftline_retrain_service.trainers import TrainingData, find_trainer, load_trainer
from driftline_schemas.errors import ConfigurationError
from tests.retrain_service.jobs import FEATURES, champion_registry, job_folder, labelled_rows

pytestmark = pytest.mark.usefixtures("one_thread")
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
    assert training.data_sha256 == JobSpec.read(folder / SPEC).data_sha256


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


@pytest.mark.parametrize("trainer", TRAINERS)
def test_rows_that_weigh_little_are_outvoted(trainer: str) -> None:
    rows = labelled_rows(400) + labelled_rows(200, reverse=True)
    data = TrainingData(
        rows=[row.features for row in rows],
        labels=[row.label for row in rows],
        features=FEATURES,
        categorical=frozenset(),
        is_classification=True,
        weights=[0.01] * 400 + [1.0] * 200,
    )
    fitted = load_trainer(trainer)
    model: Any = fitted.fit(data, {}, 0)
    if fitted.flavour == "river":
        assert model.predict_one({"a": 2.0, "b": 0.0}) == "down"
    else:
        assert model.predict([[2.0, 0.0]]) == ["down"]


def test_after_a_change_the_rows_since_it_are_chosen_over_all_others(tmp_path: Path) -> None:
    champion_registry(tmp_path)
    rows = labelled_rows(1000) + labelled_rows(150, reverse=True)
    folder = job_folder(tmp_path, "logistic-regression", rows, change_row=1000)
    job.run(folder)
    result = JobResult.read(folder / RESULT)
    assert result.chosen == "since-change"
    assert result.challenger["accuracy"] > 0.9 > 0.2 > result.champion["accuracy"]
    assert result.challenger["loss"] < min(result.figures[name]["loss"] for name in ("last-500", "decayed"))


def test_an_older_version_that_fits_again_is_chosen_and_nothing_is_trained_anew(tmp_path: Path) -> None:
    registry = champion_registry(tmp_path)
    job.run(folder := job_folder(tmp_path, "logistic-regression", labelled_rows(500, reverse=True), name="second"))
    assert registry.register("fraud", folder / ARTIFACT).version == "2"
    rows = labelled_rows(1000, reverse=True) + labelled_rows(150)
    folder = job_folder(tmp_path, "logistic-regression", rows, champion="2", change_row=1000, past_versions=["1"])
    job.run(folder)
    result = read_result(folder)
    assert (result.chosen, result.version, result.artifact_sha256) == ("version-1", "1", "")
    assert not (folder / ARTIFACT).exists()
    assert result.figures["version-1"]["loss"] <= result.figures["since-change"]["loss"]


def test_an_older_version_that_cannot_be_tried_is_left_out(tmp_path: Path) -> None:
    registry = champion_registry(tmp_path)
    colours = LogisticRegression().fit([[0.0], [1.0]], ["up", "down"])
    registry.register("fraud", save_sklearn(colours, tmp_path / "other", features=("colour",)))
    registry.register(
        "fraud", save_sklearn(LinearRegression().fit([[0.0], [1.0]], [0, 1]), tmp_path / "n", features=("a",))
    )
    folder = job_folder(tmp_path, "logistic-regression", labelled_rows(150), past_versions=["2", "3", "9"])
    job.run(folder)
    assert JobResult.read(folder / RESULT).left_out == {
        "version-2": "it was trained on other features than the champion",
        "version-3": "of it and the champion, one predicts classes and the other numbers",
        "version-9": "model 'fraud' has no version '9'; see `driftline models`",
    }


def test_one_class_alone_cannot_be_learnt_and_is_told(tmp_path: Path) -> None:
    champion_registry(tmp_path)
    rows = [row.model_copy(update={"label": "up"}) for row in labelled_rows(150)]
    with pytest.raises(Unsuitable, match="last-500: the only class of its 120 rows is 'up'; decayed: "):
        job.run(job_folder(tmp_path, "logistic-regression", rows))


def test_a_window_of_one_class_is_left_out(tmp_path: Path) -> None:
    champion_registry(tmp_path)
    rows = labelled_rows(300) + [row.model_copy(update={"label": "up"}) for row in labelled_rows(100)]
    folder = job_folder(tmp_path, "logistic-regression", rows, change_row=300)
    job.run(folder)
    result = JobResult.read(folder / RESULT)
    assert result.left_out == {"since-change": "the only class of its 50 rows is 'up'"}
    assert result.chosen == "decayed"


def test_no_rows_are_told(tmp_path: Path) -> None:
    champion_registry(tmp_path)
    folder = job_folder(tmp_path, "logistic-regression", labelled_rows(10))
    spec = JobSpec.read(folder / SPEC)
    spec.model_copy(update={"data_sha256": write_rows(folder / ROWS, [])}).write(folder / SPEC)
    with pytest.raises(Unsuitable, match="0 labelled rows are too few"):
        job.run(folder)


def test_numbers_are_learnt_by_gradient_boosting_only(tmp_path: Path) -> None:
    rows = [LabelledRow(features={"a": float(i % 10), "b": 0.0}, label=float(i % 10) * 3) for i in range(500)]
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
