"""Models that come as ONNX files: the same predictions as where they were made, and nothing else is taken."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from driftline_registry import ArtifactRefused, LocalRegistry, ModelFollower, load_artifact, save_onnx
from tests.registry.models import FEATURES, threshold_model

NUMBERS = np.random.default_rng(1).normal(size=(200, 2))
ROWS = [dict(zip(FEATURES, row, strict=True)) for row in NUMBERS.tolist()]
CLASSES = ("down", "up")


def onnx_file(folder: Path, model: Any, *, zipmap: bool = False, inputs: Any = None) -> Path:
    inputs = inputs or [("table", FloatTensorType([None, 2]))]
    options = {"zipmap": zipmap} if hasattr(model, "classes_") else None
    file = folder / "model.onnx"
    file.write_bytes(to_onnx(model, initial_types=inputs, options=options).SerializeToString())
    return file


@pytest.mark.parametrize("model", [RandomForestClassifier(5, random_state=0), LogisticRegression()], ids=type)
def test_a_followed_classifier_predicts_as_where_it_was_made(model: Any, tmp_path: Path, local: LocalRegistry) -> None:
    model.fit(NUMBERS, np.where(NUMBERS[:, 0] > 0, "up", "down"))
    artifact = save_onnx(onnx_file(tmp_path, model), tmp_path / "a", features=FEATURES, classes=CLASSES)
    local.promote("fraud", local.register("fraud", artifact).version, expect=None)
    with ModelFollower(local, "fraud") as follower:
        scored = follower.current.predict_many(ROWS)
        assert follower.current.predict_many([]) == []
    singles = NUMBERS.astype(np.float32)  # as the graph takes them
    assert [each.prediction for each in scored] == model.predict(singles).tolist()
    assert [each.score for each in scored] == pytest.approx(model.predict_proba(singles).max(axis=1), abs=1e-5)


def test_numbers_and_missing_values(tmp_path: Path) -> None:
    model = LinearRegression().fit(NUMBERS, 2 * NUMBERS[:, 0])
    loaded = load_artifact(save_onnx(onnx_file(tmp_path, model), tmp_path / "a", features=FEATURES))
    assert [each.prediction for each in loaded.predict_many(ROWS)] == pytest.approx(model.predict(NUMBERS), abs=1e-5)
    assert math.isnan(float(loaded.predict({"a": 1.0}).prediction))
    with pytest.raises(TypeError, match="feature 'a' is 'x'; the model was trained on numbers"):
        loaded.predict({"a": "x", "b": 0.0})


def test_an_input_for_each_feature_may_be_of_strings(tmp_path: Path) -> None:
    import pandas as pd

    table = pd.DataFrame({"amount": NUMBERS[:, 1], "plan": np.where(NUMBERS[:, 0] > 0, "gold", "basic")})
    columns = ColumnTransformer([("plan", OneHotEncoder(), ["plan"])], remainder="passthrough")
    model = make_pipeline(columns, LogisticRegression()).fit(table, np.where(NUMBERS[:, 0] > 0, "up", "down"))
    inputs = [("amount", FloatTensorType([None, 1])), ("plan", StringTensorType([None, 1]))]
    file = onnx_file(tmp_path, model, inputs=inputs)
    artifact = save_onnx(file, tmp_path / "a", features=["plan", "amount"], classes=CLASSES, categorical=["plan"])
    rows: list[Any] = table.to_dict("records")
    scored = load_artifact(artifact).predict_many(rows)
    assert [each.prediction for each in scored] == model.predict(table).tolist()
    with pytest.raises(ArtifactRefused, match=r"input 'plan' of the ONNX model is tensor\(string\), expected tensor"):
        save_onnx(file, tmp_path / "b", features=["plan", "amount"], classes=CLASSES)
    assert not list((tmp_path / "b").iterdir())


def test_what_does_not_fit_its_description_is_refused(tmp_path: Path) -> None:
    file = onnx_file(tmp_path, threshold_model())
    with pytest.raises(ArtifactRefused, match="expected one table with 3 probabilities"):
        save_onnx(file, tmp_path / "a", features=FEATURES, classes=["a", "b", "c"])
    with pytest.raises(ArtifactRefused, match=r"expected one table with 2 probabilities .*zipmap"):
        save_onnx(
            onnx_file(tmp_path, threshold_model(), zipmap=True), tmp_path / "b", features=FEATURES, classes=CLASSES
        )
    (tmp_path / "none.onnx").write_bytes(b"not a graph")
    with pytest.raises(ArtifactRefused, match="is not an ONNX model that onnxruntime can run"):
        save_onnx(tmp_path / "none.onnx", tmp_path / "c", features=FEATURES, classes=CLASSES)


def test_a_tampered_payload_is_not_loaded(tmp_path: Path, local: LocalRegistry) -> None:
    file = onnx_file(tmp_path, threshold_model())
    version = local.register("fraud", save_onnx(file, tmp_path / "a", features=FEATURES, classes=CLASSES))
    other = onnx_file(tmp_path, threshold_model(reverse=True))
    (version.folder / "model.onnx").write_bytes(other.read_bytes())
    with pytest.raises(ArtifactRefused, match="damaged or forged"):
        local.load("fraud", version.version)
