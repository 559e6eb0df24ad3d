"""Kafka is not there, comes, goes and comes back: the host never notices, and the account is right in the end."""

import gc
import tracemalloc
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka.consumer.fetcher import ConsumerRecord

from driftline.stack.health import wait_until
from driftline.topics import create_topics
from driftline_producers import InferenceLogger
from driftline_schemas.topics import Topics
from tests.broker import Broker
from tests.producers.log import of_type, read_log

TOPICS = Topics(partitions=1)
WAIT_SECONDS = 60.0

# kafka-python leaves the socket of a refused connection to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def broker(tmp_path: Path) -> Broker:
    return Broker(tmp_path)


@pytest.fixture(autouse=True)
def garbage() -> Iterator[None]:
    yield
    gc.collect()  # here, where its warnings are ignored


def reports(records: list[ConsumerRecord]) -> list[dict[str, object]]:
    return of_type(records, "emitter-report")


def test_calls_return_while_kafka_is_away_and_drops_are_reported_when_it_comes(broker: Broker) -> None:
    logger = InferenceLogger("m", kafka=broker.address, queue_events=500)
    ids = [logger.log({"x": number}, number) for number in range(20_000)]
    assert (logger.counters.queued, logger.counters.dropped) == (500, {"queue-full": 19_500})
    assert not logger.flush(timeout_seconds=0)
    with broker.running():
        create_topics(broker.address, TOPICS)
        assert logger.flush(timeout_seconds=WAIT_SECONDS)
        assert wait_until(lambda: bool(reports(read_log(broker.address, TOPICS.events.name))), WAIT_SECONDS)
        records = read_log(broker.address, TOPICS.events.name)
        assert [prediction["event_id"] for prediction in of_type(records, "prediction")] == ids[:500]
        assert reports(records)[-1]["dropped"] == {"queue-full": 19_500}
        logger.close()
    assert (logger.counters.sent, logger.counters.queued) == (500, 0)


def test_memory_is_bounded_in_bytes_too(broker: Broker) -> None:
    logger = InferenceLogger("m", kafka=broker.address, queue_bytes=1_000_000)
    for number in range(100):
        logger.log({"text": f"{number:0100000}"}, 1)
    assert wait_until(lambda: logger.counters.queued <= 9, WAIT_SECONDS)  # what was packed is exactly known
    counters = logger.counters
    assert counters.queued + counters.dropped["queue-full"] == 100
    logger.close(timeout_seconds=0)
    assert logger.counters.dropped == {**counters.dropped, "closed": counters.queued}


def test_memory_stays_flat_however_much_is_logged_while_kafka_is_away(broker: Broker) -> None:
    logger = InferenceLogger("m", kafka=broker.address, queue_events=20_000, queue_bytes=1_000_000)
    tracemalloc.start()
    try:
        for number in range(50_000):
            logger.log({"x": number * 1.0, "text": f"{number:0100}"}, number)
        assert wait_until(lambda: not logger._outbox.predictions, WAIT_SECONDS)  # all that was let in is packed
        held_bytes, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    counters = logger.counters
    assert counters.queued <= 1_000_000 / 100
    assert counters.queued + counters.dropped["queue-full"] == 50_000
    assert held_bytes < 5_000_000
    assert peak_bytes < 10_000_000  # with rows that are not packed yet
    logger.close(timeout_seconds=0)


def test_what_was_logged_while_kafka_restarts_arrives_once_and_in_order(broker: Broker) -> None:
    logger = InferenceLogger("m", kafka=broker.address)
    with broker.running():
        create_topics(broker.address, TOPICS)
        ids = [logger.log({"x": number}, number) for number in range(100)]
        assert logger.flush(timeout_seconds=WAIT_SECONDS)
    ids += [logger.log({"x": number}, number) for number in range(1_000)]
    assert not logger.flush(timeout_seconds=0)
    with broker.running():
        assert logger.flush(timeout_seconds=WAIT_SECONDS)
        predictions = of_type(read_log(broker.address, TOPICS.events.name), "prediction")
        logger.close()
    assert [prediction["event_id"] for prediction in predictions] == ids
    assert (logger.counters.sent, logger.counters.dropped) == (1_100, {})


def test_a_missing_topic_is_waited_for(kafka_address: str, caplog: pytest.LogCaptureFixture) -> None:
    topics = Topics(prefix=f"later-{uuid.uuid4().hex[:12]}.")
    with InferenceLogger("m", kafka=kafka_address, topic_prefix=topics.prefix) as logger:
        logger.log({"x": 1}, 1)
        assert wait_until(lambda: "driftline setup" in caplog.text, WAIT_SECONDS)
        create_topics(kafka_address, topics)
        assert logger.flush(timeout_seconds=WAIT_SECONDS)
    assert logger.counters.sent == 1
