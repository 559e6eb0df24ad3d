"""The quick reader of batches says what the contract's own models say, also where its parser would not."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftline_schemas import InvalidRecord, PredictionBatch, codec
from driftline_stream_processors.steps import batches

BATCH = '{"model": "m", "event_id": ["a", "b"], "timestamp_ms": 1, "prediction": "ok", "features": {%s}}'
ODD_FEATURES = {
    "nested": '"x": [[1, 2]]',
    "nested one by one": '"x": [[1], [2]]',
    "nested in text's place": '"x": ["p", [1]]',
    "an object": '"x": [1, {"y": [2]}]',
    "twice": '"x": [1, 2], "x": [3, 4]',
    "twice, once too short": '"x": [1], "x": [3, 4]',
    "null in the name": '"x": [1, 2], "x\\u0000": [3, 4]',
    "only null as the name": '"x": [1, 2], "\\u0000": [3, 4]',
    "no name": '"": [1, 2]',
    "brackets in text": '"x": ["[", "]["], "y": [1, 2]',
    "booleans": '"x": [true, 1]',
    "nulls": '"x": [null, 1.5]',
    "text": '"x": ["1", 1]',
    "too long": '"x": [1, 2, 3]',
    "too short": '"x": []',
    "scalar": '"x": 1, "y": null, "z": true',
    "more than 64 bits": '"x": [18446744073709551616, 1]',
    "64 bits": '"x": [18446744073709551615, 9007199254740993]',
    "too large": '"x": [1e400, 1]',
    "negative zero": '"x": [-0, -0.0]',
    "lone surrogate": '"x": ["\\ud800", "a"]',
}
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**70), 2**70)


def _said(read: Any, value: bytes) -> str:
    try:
        record = read("prediction-batch", value)
    except InvalidRecord as error:
        return f"{error.reason}: {error}"
    assert isinstance(record, PredictionBatch)
    return repr([row.model_dump() for row in record.rows()])


@pytest.mark.parametrize("features", ODD_FEATURES.values(), ids=ODD_FEATURES)
def test_odd_columns_are_read_as_the_contract_reads_them(features: str) -> None:
    value = (BATCH % features).encode()
    assert _said(batches.decode, value) == _said(codec.decode, value)


@pytest.mark.parametrize("spoilt", [b"\xef\xbb\xbf%s", b" %s", b"%s,", b"%s\x00", b"[%s]", b'"%s"', b"\xff%s", b""])
def test_odd_documents_are_read_as_the_contract_reads_them(spoilt: bytes) -> None:
    value = spoilt.replace(b"%s", (BATCH % '"x": [1, 2]').encode())
    assert _said(batches.decode, value) == _said(codec.decode, value)


@settings(max_examples=200)
@given(st.lists(NUMBERS, min_size=1, max_size=6))
def test_numbers_are_the_same_to_the_last_bit(numbers: list[float]) -> None:
    document = {"model": "m", "event_id": ["e"] * len(numbers), "timestamp_ms": 1, "features": {"x": numbers}}
    value = json.dumps(document | {"prediction": numbers, "score": numbers}).encode()
    assert _said(batches.decode, value) == _said(codec.decode, value)


def test_columns_of_numbers_are_read_without_an_object_for_each() -> None:
    read = batches.decode("prediction-batch", (BATCH % '"x": [1, 2.5], "y": ["p", "q"]').encode())
    assert isinstance(read, PredictionBatch)
    assert {name: type(column) for name, column in read.features.items()} == {"x": memoryview, "y": list}
