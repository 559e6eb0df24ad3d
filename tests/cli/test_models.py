"""Specifications of models: files, what is wrong with them, and that a worker follows one from its place on."""

import re
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from driftline.main import app
from driftline.specification.file import difference, read, text
from driftline_detectors.catalogue import DETECTORS
from driftline_schemas import ModelSpec
from driftline_schemas.errors import ConfigurationError
from driftline_schemas.events.model_spec import ErrorDetector, FeatureDetector
from tests.stream_processors.harness import Installation, prediction, wait_for

SPEC = """
model: fraud
owner: risk
features:
  amount: {minimum: 0, maximum: 5000}
  plan: {values: [basic, pro]}
segments: [country]
detectors:
  errors: [adwin]
budget_events: 100000
performance: {minimum_accuracy: 0.9}
silence_minutes: 0.1
muted: [latency]
retrain_on: []
"""


def driftline(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "fraud.yaml"
    path.write_text(SPEC)
    return path


def test_a_file_says_what_it_says_and_the_rest_is_default(file: Path) -> None:
    spec = read(file, now_ms=7)
    assert (spec.model, spec.timestamp_ms, spec.segments, spec.detectors.errors) == ("fraud", 7, ["country"], ["adwin"])
    assert spec.detectors.features == "e-detector"
    assert (spec.features["amount"].maximum, spec.features["plan"].values) == (5000, ["basic", "pro"])


def test_what_asks_for_a_retrain_has_an_older_name_and_on_is_no_boolean(file: Path, tmp_path: Path) -> None:
    assert read(file, 7).retrain_reasons == []
    newer = tmp_path / "newer.yaml"
    newer.write_text('model: fraud\nretrain: {on: [performance], approval: true, quiet_hours: "22-06"}\n')
    spec = read(newer, 7)
    assert (spec.retrain_reasons, spec.retrain.approval, spec.retrain.quiet_hours) == (["performance"], True, "22-06")
    newer.write_text("model: fraud\nretrain: {refit_rows: [400, 150]}\n")
    with pytest.raises(ConfigurationError, match="refit_rows must rise"):
        read(newer, 7)


def test_what_is_shown_can_be_applied(file: Path, tmp_path: Path) -> None:
    spec, shown = read(file, 7), tmp_path / "shown.yaml"
    shown.write_text(text(spec))
    assert difference(spec, read(shown, 8)) == ""
    assert "-owner: risk" in difference(spec, ModelSpec(model="fraud", timestamp_ms=0))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("model: a\nbudget: 3", r"line 2: budget: there is no such field; there are model, .*budget_events"),
        ("model: a\nfeatures:\n  x:\n    minium: 3", r"line 4: features\.x\.minium: .*there are kind, minimum"),
        ("model: a\ndetectors: {features: adwinn}", r"line 2: detectors\.features: .*'e-detector', 'adwin'.*'adwinn'"),
        ("model: a\nsegments:\n- a\n- 3", r"line 4: segments\.1: .*string.*'3'"),
        ("model: a\nfeatures:\n  x: {minimum: 3, maximum: 1}", r"line 3: features\.x: minimum 3 is above maximum 1"),
        ("model: a\nsegments: [a, b, c, d, e]", r"line 2: segments: .*at most 4"),
        ("owner: me", r"line 1: model: Field required"),
        ("- 1", "it must begin with"),
        ("a: [", "not YAML"),
        ("a: &x [1]\nb: *x", "alias"),
        ("", "it must begin with"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, wrong: str, told: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(wrong)
    with pytest.raises(ConfigurationError, match=told):
        read(path, 7)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        read(tmp_path / "none.yaml", 7)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_file_makes_it_fail_otherwise(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(data)
    try:
        read(path, 7)
    except ConfigurationError as error:
        assert str(path) in str(error)


def test_a_specification_names_detectors_of_the_catalogue() -> None:
    named = {*get_args(FeatureDetector), *get_args(ErrorDetector)} - {"e-detector"}
    assert named == set(DETECTORS)


def test_a_worker_follows_a_specification_from_its_place_on(installation: Installation, file: Path) -> None:
    assert "owner: ''" in driftline("models", "show", "fraud").stdout
    assert driftline("models", "diff", str(file)).exit_code == 1
    applied = driftline("models", "apply", str(file))
    assert applied.exit_code == 0, applied.output
    assert re.fullmatch(r"fraud: from offset 0 of partition \d+ on\n", applied.stdout)
    assert "Not stored yet" in applied.stderr  # no worker runs
    values = [prediction(f"e{n}", features={"amount": -1.0 if n % 5 else 2.0}) for n in range(500)]
    with installation.worker("worker"):
        installation.send([(None, value, "fraud") for value in values])
        wait_for("all", lambda: installation.records_stored() == 501)
        wait_for("the silence after it", lambda: len(installation.query("SELECT model FROM alerts")) == 1)
        file.write_text(SPEC.replace("owner: risk", "owner: payments"))
        assert driftline("models", "apply", str(file)).stderr == ""
        assert "owner: payments" in driftline("models", "show", "fraud").stdout  # at once
    assert driftline("models", "diff", str(file)).stdout == "fraud: nothing would change\n"
    sql = "SELECT value FROM windows WHERE feature = 'amount' AND metric = 'out_of_range'"
    assert installation.query(sql) == [(400.0,)]
    ((kind, severity, message),) = installation.query("SELECT kind, severity, message FROM alerts")
    assert (kind, severity) == ("silence", "critical")
    assert re.match(r"fraud: no predictions for \d+ s, since 20.* UTC \(silence\)", str(message))
