import enum
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from driftline_producers import InferenceLogger
from driftline_producers._batch import MAX_BATCH_BYTES, Batch, Columns, Row, seal
from driftline_producers._counters import INVALID
from driftline_producers._pack import pack
from driftline_schemas import InvalidRecord, Prediction, PredictionBatch, codec
from driftline_schemas.topics import Topics
from tests.producers.events import any_features, anything, good_features
from tests.producers.log import of_type, read_log


def test_whatever_is_logged_is_either_sent_and_accepted_by_the_contract_or_counted_as_invalid(
    kafka_address: str, topics: Topics
) -> None:
    calls: list[dict[str, Any]] = []  # drawn before the logger's threads, which use `random`: hypothesis forbids that

    @given(
        features=good_features | any_features | anything,
        prediction=st.integers(0, 1) | st.text(max_size=3) | anything,
        score=st.none() | st.floats(0, 1) | anything,
        segment=st.none() | st.just({"country": "DE"}) | any_features,
    )
    @example(features={}, prediction=1, score=None, segment=None)
    @settings(deadline=None)
    def draw(**call: Any) -> None:
        calls.append(call)

    draw()
    with InferenceLogger("m", kafka=kafka_address, topic_prefix=topics.prefix) as logger:
        for call in calls:
            logger.log(call.pop("features"), call.pop("prediction"), **call)
        assert logger.flush()
    counters = logger.counters
    assert counters.sent
    assert counters.dropped[INVALID]
    assert counters.sent + counters.dropped[INVALID] == counters.logged
    predictions = of_type(read_log(kafka_address, topics.events.name), "prediction")
    assert len(predictions) == counters.sent
    for prediction in predictions:
        Prediction.model_validate(prediction)


@given(st.lists(good_features, min_size=1, max_size=5))
def test_every_mapping_of_scalars_is_accepted(features: list[dict[str, Any]]) -> None:
    refused: list[Exception] = []
    batches = list(pack("m", "prediction", columns(row(each) for each in features), refused.append))
    assert refused == []
    sent = [prediction.features for batch in batches for prediction in decoded(batch).rows()]
    assert [each.keys() for each in sent] == [each.keys() for each in features]


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
    batch = seal("m", "prediction", columns([row({"x": value}), row({"x": 3.0})]))
    assert [prediction.features for prediction in decoded(batch).rows()] == [{"x": expected}, {"x": 3.0}]


@pytest.mark.parametrize("value", [datetime(2026, 1, 1, tzinfo=UTC), b"12", 1j, object(), "\ud800", 2**64, [1], {}])
def test_what_has_no_place_in_the_contract_is_refused(value: object) -> None:
    with pytest.raises((TypeError, InvalidRecord)):
        seal("m", "prediction", columns([row({"x": value})]))


def test_nan_and_infinity_become_null_and_are_counted() -> None:
    rows = [
        row({"a": float("nan"), "b": np.float32("inf"), "c": None, "d": 1.0, "e": ":null"}),
        row({"a": 1.0, "b": 2.0, "c": 3.0, "d": Decimal("NaN"), "e": ":null"}),
    ]
    batch = seal("m", "prediction", columns(rows))
    assert batch.non_finite == 3
    assert [prediction.features for prediction in decoded(batch).rows()] == [
        {"a": None, "b": None, "c": None, "d": 1.0, "e": ":null"},
        {"a": 1.0, "b": 2.0, "c": 3.0, "d": None, "e": ":null"},
    ]


def test_equal_values_of_different_kinds_stay_apart() -> None:
    batch = seal("m", "prediction", columns(row({"x": value}, prediction=value) for value in (1, True, 1.0, 0, False)))
    assert orjson.loads(batch.value)["features"] == {"x": [1, True, 1.0, 0, False]}
    assert [type(prediction.prediction) for prediction in decoded(batch).rows()] == [float, bool, float, float, bool]


def test_text_that_holds_for_every_row_is_sent_once() -> None:
    batch = seal("m", "prediction", columns(row({"country": "DE", "city": city}) for city in ("Ulm", "Köln")))
    assert orjson.loads(batch.value)["features"] == {"country": "DE", "city": ["Ulm", "Köln"]}


@given(st.lists(st.tuples(st.sampled_from(["3", "4"]), st.sampled_from([{}, {"x": 1}, {"x": None}, {"x": 1, "y": 2}]))))
def test_a_batch_holds_one_version_and_one_set_of_names_and_the_order_stays(events: list[tuple[str, Any]]) -> None:
    rows = [row(features, version, event_id=str(n)) for n, (version, features) in enumerate(events)]
    batches = [decoded(batch) for batch in pack("m", "prediction", columns(rows), refuse)] if rows else []
    sent = [prediction for batch in batches for prediction in batch.rows()]
    assert [(p.event_id, p.version, p.features) for p in sent] == [
        (str(n), version, features) for n, (version, features) in enumerate(events)
    ]
    shapes = [(batch.version, batch.features.keys()) for batch in batches]
    assert all(one != next_one for one, next_one in pairwise(shapes))  # nothing is cut without need


@given(st.sets(st.integers(0, 99), max_size=100))
def test_bad_rows_are_left_out_of_their_batch_and_the_others_keep_their_order(bad: set[int]) -> None:
    refused: list[Exception] = []
    rows = [row({"x": object() if n in bad else n}, event_id=str(n)) for n in range(100)]
    batches = list(pack("m", "prediction", columns(rows), refused.append))
    assert [id_ for batch in batches for id_ in decoded(batch).event_id] == [str(n) for n in range(100) if n not in bad]
    assert len(refused) == len(bad)


def test_a_batch_that_would_be_too_long_is_cut() -> None:
    rows = [row({"text": "x" * 100_000}, event_id=str(n)) for n in range(20)]
    rows += [row({"text": "y" * MAX_BATCH_BYTES}, event_id="20")]
    batches = list(pack("m", "prediction", columns(rows), refuse))
    assert [id_ for batch in batches for id_ in decoded(batch).event_id] == [str(n) for n in range(21)]
    assert all(len(batch.value) <= MAX_BATCH_BYTES for batch in batches if batch.events > 1)


def row(features: Any, version: str = "3", *, event_id: str = "1", prediction: Any = 1) -> Row:
    return (event_id, version, 1, features, prediction, None, {}, None, None, None)


def columns(rows: Iterable[Row]) -> Columns:
    return [*zip(*rows, strict=True)]


def decoded(batch: Batch) -> PredictionBatch:
    record = codec.decode(batch.kind, batch.value)
    assert isinstance(record, PredictionBatch)
    return record


def refuse(error: Exception) -> None:
    raise AssertionError(error)
