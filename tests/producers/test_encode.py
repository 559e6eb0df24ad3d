import enum
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from driftline_producers import InferenceLogger
from driftline_producers._counters import INVALID
from driftline_producers._encode import count_non_finite, encode
from driftline_schemas import Prediction, codec
from driftline_schemas.topics import Topics
from tests.producers.log import of_type, read_log

scalars: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.characters(categories=["Cs"]),
    st.decimals(),
    st.fractions(),
    st.floats(width=32).map(np.float32),
    st.floats(width=16).map(np.float16),
    st.integers(-(2**31), 2**31 - 1).map(np.int32),
    st.booleans().map(np.bool_),
)
anything: st.SearchStrategy[Any] = st.one_of(
    scalars,
    st.binary(),
    st.dates(),
    st.complex_numbers(),
    st.lists(scalars, max_size=3),
    st.lists(st.floats(), max_size=3).map(np.array),
    st.dictionaries(st.text(max_size=3), scalars, max_size=3),
    st.just(object()),
)
good_values = st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(-(2**63), 2**64 - 1)
good_features = st.dictionaries(st.text(min_size=1, max_size=5), good_values, max_size=5)
any_features = st.dictionaries(st.text(max_size=5) | st.integers(), anything, max_size=5)


def test_whatever_is_logged_is_either_sent_and_accepted_by_the_contract_or_counted_as_invalid(
    kafka_address: str, topics: Topics
) -> None:
    with InferenceLogger("m", kafka=kafka_address, topic_prefix=topics.prefix) as logger:

        @given(
            features=good_features | any_features | anything,
            prediction=st.integers(0, 1) | st.text(max_size=3) | anything,
            score=st.none() | st.floats(0, 1) | anything,
            segment=st.none() | st.just({"country": "DE"}) | any_features,
        )
        @example(features={}, prediction=1, score=None, segment=None)
        @settings(deadline=None)
        def log(features: Any, prediction: Any, score: Any, segment: Any) -> None:
            logger.log(features, prediction, score=score, segment=segment)

        log()
        assert logger.flush()
    counters = logger.counters
    assert counters.sent
    assert counters.dropped[INVALID]
    assert counters.sent + counters.dropped[INVALID] == counters.logged
    predictions = of_type(read_log(kafka_address, topics.events.name), "prediction")
    assert len(predictions) == counters.sent
    for prediction in predictions:
        Prediction.model_validate(prediction)


@given(good_features)
def test_every_mapping_of_scalars_is_accepted(features: dict[str, Any]) -> None:
    record = codec.decode("prediction", encode(document(features)))
    assert isinstance(record, Prediction)
    assert record.features.keys() == features.keys()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(1.5), 1.5),
        (np.float32(1.5), 1.5),
        (np.int64(7), 7),
        (np.uint8(7), 7),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.longdouble(1.5), 1.5),
        (np.array(2.5), 2.5),
        (Decimal("1.25"), 1.25),
        (Fraction(1, 4), 0.25),
        (enum.IntEnum("Level", "LOW HIGH").HIGH, 2),  # type: ignore[attr-defined]
    ],
)
def test_numbers_of_other_libraries_are_numbers(value: Any, expected: object) -> None:
    record = codec.decode("prediction", encode(document({"x": value})))
    assert isinstance(record, Prediction)
    assert record.features == {"x": expected}


@pytest.mark.parametrize("value", [datetime(2026, 1, 1, tzinfo=UTC), b"12", 1j, object(), "\ud800", 2**64])
def test_what_has_no_json_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        encode(document({"x": value}))


def test_any_mapping_will_do() -> None:
    assert b'"features":{"a":1}' in encode(document(MappingProxyType({"a": 1})))


def test_nan_and_infinity_become_null_and_are_counted() -> None:
    features = {"a": float("nan"), "b": np.float32("inf"), "c": None, "d": 1.0, "e": ":null"}
    encoded = encode(document(features))
    assert count_non_finite(document(features), encoded) == 2
    record = codec.decode("prediction", encoded)
    assert isinstance(record, Prediction)
    assert record.features == {"a": None, "b": None, "c": None, "d": 1.0, "e": ":null"}


def document(features: Any) -> dict[str, object]:
    return {"event_id": "1", "model": "m", "timestamp_ms": 1, "features": features, "prediction": 1}
