import io
import json
import math
import os
import pickle
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from river import compose, linear_model, naive_bayes, preprocessing, tree
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from driftline_registry import ArtifactRefused, LocalRegistry, load_artifact, save_artifact, save_sklearn
from tests.registry.models import FEATURES, artifact, threshold_model

RNG = np.random.default_rng(1)
NUMBERS = RNG.normal(size=(200, 2))
UP = NUMBERS[:, 0] > 0


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch planted",)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / "planted").exists()


@pytest.mark.parametrize(
    "model", [HistGradientBoostingClassifier(max_iter=5), RandomForestClassifier(5), threshold_model()], ids=type
)
def test_scikit_learn_classifiers_predict_as_before(model: Any, tmp_path: Path) -> None:
    model.fit(NUMBERS, np.where(UP, "up", "down"))
    loaded = load_artifact(save_sklearn(model, tmp_path / "artifact", features=FEATURES))
    rows = [dict(zip(FEATURES, row, strict=True)) for row in NUMBERS.tolist()]
    scored = loaded.predict_many(rows)
    assert [one.prediction for one in scored] == model.predict(NUMBERS).tolist()
    assert [one.score for one in scored] == pytest.approx(model.predict_proba(NUMBERS).max(axis=1))
    assert loaded.predict(rows[0]) == scored[0]
    assert loaded.predict_many([]) == []


def test_classes_can_be_named_and_keep_their_type(tmp_path: Path) -> None:
    model = threshold_model().fit(NUMBERS, UP)
    assert (
        load_artifact(save_sklearn(model, tmp_path / "a", features=FEATURES)).predict({"a": 3, "b": 0}).prediction
        is True
    )
    named = load_artifact(save_sklearn(model, tmp_path / "b", features=FEATURES, classes=["DOWN", "UP"]))
    assert named.predict({"a": 3, "b": 0}).prediction == "UP"
    with pytest.raises(ValueError, match="3 classes named, but the model has 2"):
        save_sklearn(model, tmp_path / "c", features=FEATURES, classes=["a", "b", "c"])


def test_regression_has_no_score(tmp_path: Path) -> None:
    model = LinearRegression().fit(NUMBERS, 2 * NUMBERS[:, 0])
    scored = load_artifact(save_sklearn(model, tmp_path / "a", features=FEATURES)).predict({"a": 2.0, "b": 0.0})
    assert scored.prediction == pytest.approx(4.0)
    assert scored.score is None


def test_missing_values_reach_the_model_and_wrong_types_are_named(tmp_path: Path) -> None:
    model = HistGradientBoostingClassifier(max_iter=5).fit(NUMBERS, UP)
    loaded = load_artifact(save_sklearn(model, tmp_path / "a", features=FEATURES))
    assert loaded.predict({}) == loaded.predict({"a": None, "b": math.nan, "unknown": "x"})
    with pytest.raises(TypeError, match="feature 'a' is 'x'; the model was trained on numbers"):
        loaded.predict({"a": "x"})


@pytest.mark.parametrize(
    "model",
    [
        preprocessing.StandardScaler() | linear_model.LogisticRegression(),
        (compose.SelectType(str) | preprocessing.OneHotEncoder()) | linear_model.SoftmaxRegression(),
        naive_bayes.GaussianNB(),  # type: ignore[no-untyped-call]
        tree.HoeffdingAdaptiveTreeClassifier(seed=1),
    ],
    ids=str,
)
def test_river_models_predict_as_before(model: Any, tmp_path: Path) -> None:
    rows = [dict(zip(FEATURES, row, strict=True)) for row in NUMBERS.tolist()]
    for row, label in zip(rows, UP.tolist(), strict=True):
        model.learn_one(row, label)
    folder = save_artifact(model, tmp_path / "a", flavour="river", features=FEATURES, classes=[False, True])
    probabilities = [model.predict_proba_one(row) for row in rows]
    assert [one.score for one in load_artifact(folder).predict_many(rows)] == [max(p.values()) for p in probabilities]


def test_models_with_foreign_code_cannot_be_saved(tmp_path: Path) -> None:
    model = make_pipeline(FunctionTransformer(os.system), threshold_model())
    with pytest.raises(ArtifactRefused, match="allow-list"):
        save_sklearn(model, tmp_path / "a", features=FEATURES)


@pytest.mark.parametrize("flavour", ["sklearn", "river"])
def test_a_planted_pickle_is_refused(flavour: str, tmp_path: Path) -> None:
    folder = artifact(tmp_path / "a")
    (folder / "model.skops").write_bytes(pickle.dumps(Evil()))
    _reseal(folder, flavour)
    with pytest.raises(ArtifactRefused):
        load_artifact(folder)


@pytest.mark.parametrize(
    "name",
    [
        "river.utils.pretty os.system",
        "river.datasets Elec2",
        "os system",
        "builtins getattr",
        "river.base.base inspect",
    ],
)
def test_the_allow_list_of_river_is_narrow(name: str, tmp_path: Path) -> None:
    folder = artifact(tmp_path / "a")
    module, attribute = name.split()
    (folder / "model.skops").write_bytes(f"c{module}\n{attribute}\n.".encode())
    _reseal(folder, "river")
    with pytest.raises(ArtifactRefused, match="loaded safely"):
        load_artifact(folder)


def test_skops_archives_with_foreign_types_are_refused(tmp_path: Path) -> None:
    folder = artifact(tmp_path / "a")
    (folder / "model.skops").write_bytes(skops.io.dumps(FunctionTransformer(os.system)))
    _reseal(folder, "sklearn")
    with pytest.raises(ArtifactRefused, match="allow-list"):
        load_artifact(folder)


def test_a_version_cannot_be_passed_off_as_another(local: LocalRegistry, tmp_path: Path) -> None:
    version = local.register("fraud", artifact(tmp_path / "a"))
    version.folder.rename(version.folder.with_name("7"))
    with pytest.raises(ArtifactRefused, match="moved by hand"):
        local.load("fraud", "7")


def test_the_key_is_readable_by_its_owner_only(local: LocalRegistry, tmp_path: Path) -> None:
    local.register("fraud", artifact(tmp_path / "a"))
    assert stat.S_IMODE((local.root / "signing.key").stat().st_mode) == 0o600


def test_what_is_no_artifact_is_not_registered(local: LocalRegistry, tmp_path: Path) -> None:
    with pytest.raises(ArtifactRefused, match=r"holds no manifest\.json"):
        local.register("fraud", tmp_path)
    folder = artifact(tmp_path / "a")
    (folder / "model.skops").write_bytes(b"else")
    with pytest.raises(ArtifactRefused, match="does not match its manifest"):
        local.register("fraud", folder)
    assert local.versions("fraud") == []
    assert local.register("fraud", artifact(tmp_path / "b")).version == "1"


def _reseal(folder: Path, flavour: str) -> None:
    """Make the manifest fit the forged payload, as a stranger would."""
    import hashlib

    content = (folder / "model.skops").read_bytes()
    manifest = json.load(io.BytesIO((folder / "manifest.json").read_bytes()))
    manifest |= {"flavour": flavour, "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest))
