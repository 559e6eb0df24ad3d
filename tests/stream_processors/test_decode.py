"""Decoding: whatever comes, becomes columns or a dead letter, and single events become what a batch of them becomes."""

import json
from dataclasses import replace
from operator import itemgetter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftline_schemas import Prediction
from driftline_schemas.codec import MAX_HEADER_BYTES
from driftline_stream_processors.columns import Predictions
from driftline_stream_processors.incoming import MAX_TEXT_BYTES, ORIGIN, incoming
from driftline_stream_processors.scalars import as_text
from driftline_stream_processors.steps import route
from driftline_stream_processors.steps.decode import Decoded, decode
from tests.stream_processors.made import event, record

SCALARS = st.booleans() | st.integers(-5, 5) | st.floats(-1e9, 1e9) | st.sampled_from(["a", "b", ""])
NAMES = st.sampled_from(["x", "y", "z"])
DOCUMENTS = st.fixed_dictionaries(
    {
        "event_id": st.sampled_from(["e1", "e2", "e3"]),
        "model": st.just("m"),
        "timestamp_ms": st.integers(0, 10**12),
        "features": st.dictionaries(NAMES, SCALARS | st.none()),
        "prediction": SCALARS,
    },
    optional={
        "score": st.none() | st.floats(0, 1),
        "segment": st.dictionaries(NAMES, SCALARS),
        "latency_ms": st.none() | st.floats(0, 9),
        "subject_id": st.none() | st.just("u"),
        "version": st.sampled_from(["", "1"]),
    },
)
FAULTS: list[dict[str, Any]] = [
    {"prediction": None},
    {"timestamp_ms": "soon"},
    {"features": []},
    {"features": {"x": [1]}},
    {"event_id": ""},
    {"latency_ms": -1},
    {"segment": {"t": None}},
    {"segment": []},
    {"segment": ""},
    {"version": 3},
    {"version": None},
    {"model": 3},
    {"model": ["m"]},
]


def _decode(*records: Any) -> Decoded:
    return decode(incoming(records))


@given(st.binary(max_size=200), st.none() | st.binary(max_size=20), st.binary(max_size=20))
def test_no_bytes_stop_decoding(value: bytes, record_type: bytes | None, origin: bytes) -> None:
    [came] = incoming([record(0, value, type=record_type, driftline_origin=origin)])
    decoded = decode([came])
    assert len(decoded.predictions) + len(decoded.outcomes) + len(decoded.controls) + len(decoded.rejected) == 1
    assert route.place(came, ORIGIN) is None or origin.count(b":") == 1


def test_a_tombstone_is_dead_lettered() -> None:
    assert [rejected.reason for rejected in _decode(record(0, None)).rejected] == ["not-json"]


@pytest.mark.parametrize("nested", [b"[" * 10_000 + b"]" * 10_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000])
def test_deep_nesting_is_dead_lettered(nested: bytes) -> None:
    assert len(_decode(record(0, nested)).rejected) == 1


@settings(max_examples=200)
@given(st.lists(st.tuples(DOCUMENTS, st.booleans()), min_size=1, max_size=8))
def test_events_keep_their_values_and_their_order(events: list[tuple[dict[str, Any], bool]]) -> None:
    decoded = _decode(
        *(_batch_of_one(n, each) if batched else _single(n, each) for n, (each, batched) in enumerate(events))
    )
    assert decoded.rejected == []
    came = [
        (int(group.places.offset[row]), _row(group, row)) for group in decoded.predictions for row in range(len(group))
    ]
    assert [row for _, row in sorted(came, key=itemgetter(0))] == [_expected(document) for document, _ in events]
    for version in ("", "1"):
        offsets = [offset for offset, row in came if row["version"] == version]
        assert offsets == sorted(offsets)


def _single(offset: int, document: dict[str, Any]) -> Any:
    return event(offset, "prediction", **document)


def _batch_of_one(offset: int, document: dict[str, Any]) -> Any:
    return event(offset, "prediction-batch", **document | {"event_id": [document["event_id"]]})


def _row(group: Predictions, row: int) -> dict[str, Any]:
    """What the columns say of one event."""
    numbers = {n: float(c[row]) for n, c in group.numbers.items() if n not in group.present or group.present[n][row]}
    texts = {name: column[row] for name, column in group.texts.items() if column[row] is not None}
    optional = (group.score[row], group.latency_ms[row])
    return {
        "event_id": group.event_id[row],
        "version": group.version,
        "timestamp_ms": int(group.timestamp_ms[row]),
        "features": repr(sorted((numbers | texts).items())),
        "prediction": group.prediction[row],
        "value": repr(float(group.prediction_value[row])),
        "optional": [None if np.isnan(value) else float(value) for value in optional],
        "segment": {tag: column[row] for tag, column in group.segment.items() if column[row] is not None},
        "subject_id": group.subject_id[row],
    }


def _expected(document: dict[str, Any]) -> dict[str, Any]:
    """The same of the event as the contract's own model reads it."""
    read = Prediction.model_validate(document)
    features = {
        name: value if isinstance(value, str) else float("nan") if value is None else float(value)
        for name, value in read.features.items()
    }
    is_number = isinstance(read.prediction, float) and not isinstance(read.prediction, bool)
    return {
        "event_id": read.event_id,
        "version": read.version,
        "timestamp_ms": read.timestamp_ms,
        "features": repr(sorted(features.items())),
        "prediction": as_text(read.prediction),
        "value": repr(float(read.prediction) if is_number else float("nan")),
        "optional": [read.score, read.latency_ms],
        "segment": {tag: as_text(value) for tag, value in read.segment.items()},
        "subject_id": read.subject_id or "",
    }


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_one_bad_event_does_not_take_others_with_it(fault: dict[str, Any]) -> None:
    good = {"event_id": "e", "model": "m", "timestamp_ms": 1, "features": {"x": 1.0}, "prediction": "ok"}
    decoded = _decode(*(event(n, "prediction", **(good | (fault if n == 1 else {}))) for n in range(3)))
    assert [(each.incoming.record.offset, each.reason) for each in decoded.rejected] == [(1, "invalid-field")]
    assert [group.places.offset.tolist() for group in decoded.predictions] == [[0, 2]]


@pytest.mark.parametrize(
    "value", [b"[]", b"null", b"3", b'"text"', b"{}", b'{"model": {}}', b'{"model": "m", "version": []}']
)
def test_what_is_no_event_says_so(value: bytes) -> None:
    decoded = _decode(record(0, value), record(1, value, type=b"outcome"))
    assert [each.reason for each in decoded.rejected] == ["invalid-field", "invalid-field"]


def test_keys_and_headers_have_a_longest_length() -> None:
    value = b'{"event_id": "e", "model": "m", "timestamp_ms": 1, "features": {}, "prediction": 1}'
    headers = [{}, {"h": b"x" * (MAX_HEADER_BYTES - 3)}, {"h": b"x" * (MAX_HEADER_BYTES - 2)}]
    log = [record(n, value, **each) for n, each in enumerate(headers)]  # type: ignore[arg-type]  # no timestamp
    log.append(replace(record(3, value), headers=(("", None),) * (MAX_HEADER_BYTES // 2 + 1)))
    log += [replace(record(4 + more, value), key=b"k" * (MAX_HEADER_BYTES + more)) for more in (0, 1)]
    decoded = _decode(*log)
    assert [(each.incoming.record.offset, each.reason) for each in decoded.rejected] == [
        (offset, "too-large") for offset in (2, 3, 5)
    ]
    assert {len(each.incoming.key) for each in decoded.rejected} == {0, MAX_TEXT_BYTES}


def test_batches_and_single_events_stay_in_log_order() -> None:
    single = {"model": "m", "timestamp_ms": 1, "features": {"x": 1}, "prediction": "ok"}
    batch = single | {"event_id": ["a", "b"]}
    decoded = _decode(
        event(0, "prediction", event_id="e0", **single),
        event(1, "prediction-batch", **batch),
        event(2, "prediction", event_id="e2", **single | {"model": "other"}),
        event(3, "prediction", event_id="e3", **single),
        event(4, "prediction-batch", **batch | {"features": {"y": 1}}),
        event(5, "prediction-batch", **batch),
    )
    offsets = [(group.model, group.places.offset.tolist()) for group in decoded.predictions]
    assert offsets == [("m", [0, 1, 1, 3]), ("m", [4, 4]), ("m", [5, 5]), ("other", [2])]
    assert decoded.predictions[0].places.row.tolist() == [0, 0, 1, 0]


def test_outcomes_of_one_model_stay_in_log_order() -> None:
    single = {"model": "m", "timestamp_ms": 1, "label": "ok"}
    decoded = _decode(
        event(0, "outcome-batch", **single | {"event_id": ["a", "b"]}),
        event(1, "outcome", event_id="c", **single | {"source": "s"}),
        event(2, "outcome-batch", **single | {"event_id": ["d"], "label": [2.5]}),
    )
    (group,) = decoded.outcomes
    assert (group.event_id, group.source) == (["a", "b", "c", "d"], ["", "", "s", ""])
    assert (group.label, group.places.offset.tolist()) == (["ok", "ok", "ok", "2.5"], [0, 0, 1, 2])
    assert group.label_value.tolist()[3] == 2.5


def test_infinity_and_nan_are_refused() -> None:
    document = {"event_id": "e", "model": "m", "timestamp_ms": 1, "features": {"x": 1.0}, "prediction": "ok"}
    for literal in ("NaN", "Infinity", "1e999"):
        value = json.dumps(document).replace("1.0", literal).encode()
        assert len(_decode(record(0, value)).rejected) == 1, literal
