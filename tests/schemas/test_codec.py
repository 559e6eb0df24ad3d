"""Whatever the bytes are, decoding gives a record or a reason, never anything else."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftline_schemas import InvalidRecord, Outcome, Prediction, PredictionBatch, codec
from tests.schemas.test_documents import EXAMPLES

REASONS = {"too-large", "unknown-type", "not-json", "invalid-field"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
scalars = st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters(codec="utf-8"))
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


def _decodes_or_says_why(type_name: str | None, value: bytes) -> None:
    try:
        codec.decode(type_name, value)
    except InvalidRecord as error:
        assert error.reason in REASONS
        assert len(str(error)) < 1000


@settings(max_examples=200)
@given(st.none() | st.sampled_from(sorted(codec.EVENT_TYPES)) | st.text(), st.binary(max_size=300))
def test_any_bytes(type_name: str | None, value: bytes) -> None:
    _decodes_or_says_why(type_name, value)


@settings(max_examples=200)
@given(
    st.sampled_from(sorted(EXAMPLES.keys() & codec.EVENT_TYPES.keys())),
    st.data(),
)
def test_a_good_record_with_a_field_replaced(type_name: str, data: st.DataObject) -> None:
    document = dict(EXAMPLES[type_name])
    field = data.draw(st.sampled_from(sorted(document)))
    document[field] = data.draw(json_values)
    _decodes_or_says_why(type_name, json.dumps(document).encode())


@given(
    st.dictionaries(names, scalars | st.none(), max_size=5),
    scalars,
    st.integers(0, 2**41),
    st.text(max_size=20) | names,
)
def test_what_is_encoded_is_decoded_again(
    features: dict[str, Any], prediction: Any, timestamp_ms: int, version: str
) -> None:
    version = version.encode("utf-8", "ignore").decode()
    event = Prediction(
        event_id="e",
        model="m",
        timestamp_ms=timestamp_ms,
        features=features,
        prediction=prediction,
        version=version,
    )
    assert codec.decode("prediction", codec.encode(event)) == event


def test_a_batch_is_its_rows() -> None:
    batch = codec.decode("prediction-batch", json.dumps(EXAMPLES["prediction-batch"]).encode())
    assert isinstance(batch, PredictionBatch)
    rows = list(batch.rows())
    assert [row.event_id for row in rows] == ["a", "b"]
    assert rows[1].features == {"amount": 8.0, "country": "FR", "returning": False, "age": 31}
    assert rows[1].latency_ms == 3.2
    assert rows[1].segment == {"country": "FR"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"timestamp_ms": "soon"}, "timestamp_ms"),
        ({"timestamp_ms": 1.5}, "timestamp_ms"),
        ({"timestamp_ms": -1}, "timestamp_ms"),
        ({"features": {"a": [1]}}, "features.a"),
        ({"event_id": ""}, "event_id"),
        ({"model": "m" * 300}, "model"),
        ({"prediction": None}, "prediction"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], said: str) -> None:
    value = json.dumps({**EXAMPLES["prediction"], **change}).encode()
    with pytest.raises(InvalidRecord, match=said) as raised:
        codec.decode(None, value)
    assert raised.value.reason in {"invalid-field", "not-json"}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400"])
def test_numbers_that_are_not_finite_are_refused(number: str) -> None:
    value = codec.encode(Prediction(event_id="e", model="m", timestamp_ms=1, features={"a": 7.25}, prediction=1.0))
    with pytest.raises(InvalidRecord):
        codec.decode(None, value.replace(b"7.25", number.encode()))


def test_columns_of_different_lengths_are_refused() -> None:
    document = {**EXAMPLES["outcome-batch"], "label": ["ok"]}
    with pytest.raises(InvalidRecord, match=r"label.*1 values.*2"):
        codec.decode("outcome-batch", json.dumps(document).encode())


def test_booleans_numbers_and_text_stay_what_they_are() -> None:
    event = codec.decode("outcome", b'{"event_id": "e", "model": "m", "label": true, "timestamp_ms": 1}')
    assert isinstance(event, Outcome)
    assert event.label is True
