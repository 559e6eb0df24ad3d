from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftline_producers._batch import seal
from driftline_producers._encode import encode
from driftline_producers._proof import is_surely_valid
from driftline_schemas import InvalidRecord, codec
from tests.producers.events import anything, good_values

MAX_MS = 253_402_300_799_999

names = st.text(min_size=1, max_size=2) | st.just("x" * 256)
times = st.integers(0, MAX_MS)
texts = st.none() | st.text(max_size=5)
numbers = st.none() | st.floats(0, 1) | st.integers(0, 2**64 - 1)
odd = anything | good_values | st.sampled_from(["", "x" * 257, -1, MAX_MS + 1])
FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "prediction-batch": {
        "event_id": names,
        "timestamp_ms": times,
        "features": good_values,
        "prediction": st.booleans() | texts.filter(bool),
        "score": numbers,
        "segment": st.text(max_size=5),
        "subject_id": texts,
        "latency_ms": st.floats(0, 1),
        "traceparent": texts,
    },
    "outcome-batch": {"event_id": names, "label": good_values, "timestamp_ms": times, "source": texts.filter(bool)},
}


@st.composite
def batches(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A document as the emitter makes it: as it should be, but for one field that may hold anything."""
    kind = draw(st.sampled_from(list(FIELDS)))
    wrong = draw(st.sampled_from(["nothing", "model", "version", *FIELDS[kind]]))
    rows = draw(st.integers(1, 3))
    document = {name: draw(names if name != wrong else names | odd) for name in ("model", "version")}
    for field, good in FIELDS[kind].items():
        column = draw(st.lists(good if field != wrong else good | odd, min_size=rows, max_size=rows))
        name = draw(names if field != wrong else st.text(max_size=2) | st.just("x" * 257))
        document[field] = {name: column} if field in ("features", "segment") else column
    return kind, document


@given(batches())
def test_what_is_proven_is_accepted_by_the_contract_and_no_number_in_it_became_null(
    batch: tuple[str, dict[str, Any]],
) -> None:
    kind, document = batch
    try:
        value = encode(document)
    except TypeError:  # the emitter refuses it
        return
    if is_surely_valid(document, value):
        codec.decode(kind, value)
        assert orjson.loads(value) == document


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"features": {"a": [1.5, None], "b": ["x", "y"], "c": [True, 2]}, "latency_ms": [0, 2.5]},
        {"prediction": "ok", "score": [0.5, None], "segment": {"country": "DE"}, "subject_id": [None, "u"]},
    ],
)
def test_plain_values_are_proven(fields: dict[str, Any]) -> None:
    document = {"model": "m", "version": "", "event_id": ["a", "b"], "timestamp_ms": [0, 1], "features": {}} | fields
    document.setdefault("prediction", [1, 2])
    assert is_surely_valid(document, encode(document))


def test_a_batch_that_is_not_proven_is_read_again() -> None:
    with pytest.raises(InvalidRecord, match="label"):
        seal("m", "outcome", [("a", "b"), ("ok", [1]), (1, 1), ("", "")])
