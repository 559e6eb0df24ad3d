import logging
import sys
import threading
from typing import Any

import numpy as np
import orjson
import pytest

from driftline.stack.health import wait_until
from driftline_producers import InferenceLogger
from driftline_schemas import ConfigurationError, codec
from driftline_schemas.partitioner import partition_for
from driftline_schemas.topics import Topics
from tests.producers.log import of_type, read_log


@pytest.fixture
def place(kafka_address: str, topics: Topics) -> dict[str, Any]:
    return {"kafka": kafka_address, "topic_prefix": topics.prefix}


def test_records_lie_in_order_in_their_models_partition(place: dict[str, Any], topics: Topics) -> None:
    models = ("fraud", "churn", "größe")
    loggers = [InferenceLogger(model, "3", **place) for model in models]
    logged = {logger: [logger.log({"x": number}, number) for number in range(300)] for logger in loggers}
    for logger in loggers:
        assert logger.flush()
        logger.close()
    records = read_log(place["kafka"], topics.events.name)
    for model, logger in zip(models, loggers, strict=True):
        mine = [record for record in records if record.key == model.encode()]
        assert {record.partition for record in mine} == {partition_for(model, topics.partitions)}
        assert [document["event_id"] for document in of_type(mine, "prediction")] == logged[logger]


def test_a_prediction_and_its_outcome_arrive_as_they_were_given(place: dict[str, Any], topics: Topics) -> None:
    with InferenceLogger("fraud", "3", **place) as logger:
        logger.log(
            {"amount": np.float32(12.5), "country": "DE", "age": None, "returning": True},
            "ok",
            score=0.93,
            event_id="7f3a-1",
            timestamp_ms=1763870000000,
            segment={"country": "DE"},
            subject_id="u-81",
            latency_ms=3.2,
            traceparent="00-1-2-01",
            version="4",
        )
        logger.outcome("7f3a-1", "fraud", source="chargebacks", timestamp_ms=1763873600000)
    records = read_log(place["kafka"], topics.events.name)
    assert of_type(records, "prediction") == [
        {
            "event_id": "7f3a-1",
            "model": "fraud",
            "version": "4",
            "timestamp_ms": 1763870000000,
            "features": {"amount": 12.5, "country": "DE", "age": None, "returning": True},
            "prediction": "ok",
            "score": 0.93,
            "segment": {"country": "DE"},
            "subject_id": "u-81",
            "latency_ms": 3.2,
            "traceparent": "00-1-2-01",
        }
    ]
    assert of_type(records, "outcome") == [
        {
            "event_id": "7f3a-1",
            "model": "fraud",
            "label": "fraud",
            "timestamp_ms": 1763873600000,
            "source": "chargebacks",
        }
    ]


def test_the_contract_accepts_every_record_that_was_sent(place: dict[str, Any], topics: Topics) -> None:
    with InferenceLogger("m", **place) as logger:
        logger.outcome(logger.log({}, True), None)
    records = read_log(place["kafka"], topics.events.name)
    kinds = [codec.record_type(codec.decode(dict(r.headers)["type"].decode(), r.value)) for r in records]
    assert kinds == ["prediction-batch", "outcome-batch", "emitter-report"]


def test_changing_the_features_afterwards_changes_nothing_that_is_sent(place: dict[str, Any], topics: Topics) -> None:
    features = {"x": 0}
    with InferenceLogger("m", **place) as logger:
        for number in range(200):
            features["x"] = number
            logger.log(features, 1)
        features.clear()
    predictions = of_type(read_log(place["kafka"], topics.events.name), "prediction")
    assert [prediction["features"] for prediction in predictions] == [{"x": number} for number in range(200)]


def test_what_the_contract_does_not_allow_is_counted_told_once_and_not_sent(
    place: dict[str, Any], topics: Topics, caplog: pytest.LogCaptureFixture
) -> None:
    nested: Any = {"x": [1, 2]}
    not_json: Any = {"x": object()}
    with caplog.at_level(logging.WARNING), InferenceLogger("m", **place) as logger:
        for _ in range(3):
            logger.log(nested, 1)
            logger.log(not_json, 1)
            logger.log({"x": 1}, float("nan"))
            logger.log({"x": "y" * codec.MAX_RECORD_BYTES}, 1)
        logger.log({"x": 1}, 1)
    assert logger.counters.dropped == {"invalid": 12}
    assert (logger.counters.logged, logger.counters.sent) == (13, 1)
    assert len(of_type(read_log(place["kafka"], topics.events.name), "prediction")) == 1
    told = [record for record in caplog.records if record.name == "driftline_producers"]
    assert len(told) == 1, told


def test_what_many_threads_log_arrives_once_and_in_the_order_of_each(place: dict[str, Any], topics: Topics) -> None:
    ids: dict[int, list[str]] = {}
    with InferenceLogger("m", linger_ms=1, **place) as logger:

        def log(thread: int) -> None:
            ids[thread] = [logger.log({"thread": thread}, n) for n in range(2_500)]

        interval_seconds = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)  # threads meet in every place
        threads = [threading.Thread(target=log, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(interval_seconds)
    assert (logger.counters.sent, logger.counters.dropped) == (20_000, {})
    sent: dict[int, list[str]] = {}
    for event in of_type(read_log(place["kafka"], topics.events.name), "prediction"):
        sent.setdefault(event["features"]["thread"], []).append(event["event_id"])
    assert sent == ids
    assert len({event_id for made in ids.values() for event_id in made}) == 20_000
    assert all(made == sorted(made) for made in ids.values())


def test_the_last_report_accounts_for_everything(place: dict[str, Any], topics: Topics) -> None:
    invalid: Any = {"x": object()}
    with InferenceLogger("m", **place) as logger:
        for number in range(50):
            logger.outcome(logger.log({"x": number}, number), number)
        logger.log(invalid, 1)
    report = of_type(read_log(place["kafka"], topics.events.name), "emitter-report")[-1]
    assert report["model"] == "m"
    assert {name: report[name] for name in ("logged", "sent", "dropped", "queued")} == {
        "logged": 101,
        "sent": 100,
        "dropped": {"invalid": 1},
        "queued": 0,
    }


def test_after_close_nothing_raises_and_all_is_counted(place: dict[str, Any]) -> None:
    logger = InferenceLogger("m", **place)
    logger.log({"x": 1}, 1)
    logger.close()
    logger.log({"x": 2}, 1)
    logger.close()
    assert (logger.counters.sent, logger.counters.dropped) == (1, {"closed": 1})


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"model": ""}, "model"),
        ({"model": 5}, "model"),
        ({"model": "m", "version": 3}, "version"),
        ({"model": "m", "kafka": "no-port"}, "no-port"),
        ({"model": "m", "kafka": 9092}, "kafka"),
        ({"model": "m", "topic_prefix": "with space"}, "with space"),
        ({"model": "m", "queue_events": 0}, "queue_events"),
        ({"model": "m", "queue_bytes": 1.5}, "queue_bytes"),
        ({"model": "m", "batch_events": -1}, "batch_events"),
        ({"model": "m", "linger_ms": 0}, "linger_ms"),
    ],
)
def test_a_wrong_argument_is_told_at_once(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        InferenceLogger(**arguments)


def test_addresses_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTLINE_KAFKA", "nonsense")
    with pytest.raises(ConfigurationError, match=r"DRIFTLINE_KAFKA.*nonsense"):
        InferenceLogger("m")


def test_every_record_says_who_sent_it_and_how_many_events_it_holds(place: dict[str, Any], topics: Topics) -> None:
    with InferenceLogger("m", batch_events=40, **place) as logger:
        for number in range(100):
            logger.outcome(logger.log({"x": number}, number), number)
    records = read_log(place["kafka"], topics.events.name)
    (report,) = of_type(records, "emitter-report")
    data = [record for record in records if dict(record.headers)["type"] != b"emitter-report"]
    for record in data:
        headers = dict(record.headers)
        assert headers["emitter"].decode() == report["emitter"]
        assert int(headers["events"]) == len(orjson.loads(record.value)["event_id"]) <= 40
    assert sum(int(dict(record.headers)["events"]) for record in data) == report["sent"] == 200


def test_what_a_report_counts_as_sent_lies_before_it(
    place: dict[str, Any], topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("driftline_producers._report.INTERVAL_SECONDS", 0.0)
    with InferenceLogger("m", linger_ms=1, **place) as logger:
        for number in range(3_000):
            logger.outcome(logger.log({"x": number}, number), number)
    events, reports = 0, 0
    for record in read_log(place["kafka"], topics.events.name):
        if dict(record.headers)["type"] == b"emitter-report":
            reports += 1
            assert orjson.loads(record.value)["sent"] <= events
        else:
            events += int(dict(record.headers)["events"])
    assert (events, orjson.loads(record.value)["sent"]) == (6_000, 6_000)
    assert reports > 1


def test_no_outcome_overtakes_its_prediction(place: dict[str, Any], topics: Topics) -> None:
    with InferenceLogger("m", linger_ms=1, batch_events=7, **place) as logger:
        for number in range(2_000):
            logger.outcome(logger.log({"x": number}, number), number)
    places: dict[object, dict[str, int]] = {}
    for position, record in enumerate(read_log(place["kafka"], topics.events.name)):
        for kind in ("prediction", "outcome"):
            for event in of_type([record], kind):
                places.setdefault(event["event_id"], {})[kind] = position
    assert len(places) == 2_000
    assert all(positions["prediction"] < positions["outcome"] for positions in places.values())


def test_events_with_other_features_segments_and_versions_arrive_in_order_as_they_were(
    place: dict[str, Any], topics: Topics
) -> None:
    logged: list[dict[str, Any]] = [
        {
            "features": {"x": number} | ({"y": None} if number % 3 == 0 else {}),
            "segment": {"country": "DE"} if number % 4 == 0 else {},
            "version": str(number // 25),
        }
        for number in range(100)
    ]
    with InferenceLogger("m", **place) as logger:
        for event in logged:
            logger.log(event["features"], 1, segment=event["segment"], version=event["version"])
    sent = of_type(read_log(place["kafka"], topics.events.name), "prediction")
    assert [{name: event.get(name, {}) for name in ("features", "segment", "version")} for event in sent] == logged


def test_an_event_is_sent_after_the_linger_without_a_flush(place: dict[str, Any]) -> None:
    with InferenceLogger("m", **place) as logger:
        logger.log({"x": 1}, 1)
        assert wait_until(lambda: logger.counters.sent == 1, 30)
