"""The checked-in documents are those that the models give, and the contract's examples fit them."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from driftline_schemas.documents import json_schemas
from driftline_schemas.generate import documents

FOLDER = Path(__file__).parents[2] / "docs" / "contract"

EXAMPLES: dict[str, dict[str, Any]] = {
    "prediction": {
        "event_id": "7f3a-1",
        "model": "fraud",
        "version": "3",
        "timestamp_ms": 1763870000000,
        "features": {"amount": 12.5, "country": "DE", "returning": True, "age": None},
        "prediction": "ok",
        "score": 0.93,
        "segment": {"country": "DE"},
        "subject_id": "u-81",
        "latency_ms": 3.2,
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "a_field_of_tomorrow": 1,
    },
    "prediction-batch": {
        "model": "fraud",
        "version": "3",
        "event_id": ["a", "b"],
        "timestamp_ms": [1763870000000, 1763870000005],
        "features": {"amount": [12.5, 8.0], "country": ["DE", "FR"], "returning": [True, False], "age": [None, 31]},
        "prediction": ["ok", "fraud"],
        "score": [0.93, 0.71],
        "segment": {"country": ["DE", "FR"]},
        "latency_ms": 3.2,
    },
    "outcome": {
        "event_id": "7f3a-1",
        "model": "fraud",
        "label": None,
        "timestamp_ms": 1763873600000,
        "source": "chargebacks",
    },
    "outcome-batch": {
        "model": "fraud",
        "event_id": ["a", "b"],
        "label": ["ok", "ok"],
        "timestamp_ms": [1763873600000, 1763873600000],
        "source": "chargebacks",
    },
    "drift": {
        "drift_id": "d1",
        "model": "fraud",
        "version": "3",
        "segment": {},
        "kind": "data-drift",
        "feature": "amount",
        "detector": "adwin",
        "statistic": 0.31,
        "threshold": 0.05,
        "direction": "up",
        "detected": {"partition": 2, "offset": 51023, "event_id": "9c", "timestamp_ms": 1763870100000},
        "change_point": {"offset": 50711, "event_id": "81", "timestamp_ms": 1763870080000},
    },
    "model-change": {
        "model": "fraud",
        "action": "promoted",
        "version": "4",
        "previous_version": "3",
        "retrain_id": "r1",
        "artifact": {"uri": "file:///models/fraud/4", "sha256": "0" * 64},
        "metrics": {"champion": {"accuracy": 0.71}, "challenger": {"accuracy": 0.84}},
        "timestamp_ms": 1763870160000,
    },
}


def test_checked_in_documents_are_current() -> None:
    found = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    assert found == documents(), "run `make docs` and commit the result"


@pytest.mark.parametrize("name", json_schemas())
def test_schemas_are_valid(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schemas()[name])


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_of_the_contract_fit(name: str) -> None:
    jsonschema.Draft202012Validator(json_schemas()[name]).validate(EXAMPLES[name])


@pytest.mark.parametrize("field", ["event_id", "model", "timestamp_ms", "features", "prediction"])
def test_required_fields_are_required(field: str) -> None:
    without = {name: value for name, value in EXAMPLES["prediction"].items() if name != field}
    assert not jsonschema.Draft202012Validator(json_schemas()["prediction"]).is_valid(without)


def test_every_reference_in_asyncapi_resolves() -> None:
    document = json.loads((FOLDER / "asyncapi.json").read_text("utf-8"))
    references = list(_references(document))
    assert references
    for reference in references:
        node = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def _references(node: Any) -> Any:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
