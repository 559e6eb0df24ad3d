"""From an event to its alert, while the worker has half the load that it can carry."""

import threading
import time
from collections.abc import Sequence

import orjson
from kafka import KafkaConsumer, KafkaProducer

from benchmarks.comparison import BATCH
from benchmarks.event_log import EventLog, Value, event_number
from benchmarks.measured import TIMEOUT_SECONDS, BenchmarkError
from benchmarks.stand import Stand, stand
from benchmarks.worker_run import await_joined, worker
from driftline_schemas.settings import ClickHouseAddress

DRIFT_EVERY = 2_000
"""Events; each of the ten features drifts every 20,000."""
PATIENCE_SECONDS = 30.0


def alert_latency_ms(
    kafka: str, clickhouse: ClickHouseAddress, events_per_second: float, seconds: float
) -> Sequence[float]:
    """Milliseconds from sending the record that made a detector sure until the alert's arrival, sorted.

    Args:
        kafka: `host:port`.
        clickhouse: Where rows go.
        events_per_second: The load, in columnar batches.
        seconds: For how long.

    Raises:
        BenchmarkError: Alerts did not come.
    """
    log = EventLog(int(events_per_second * seconds), drift_every=DRIFT_EVERY)
    expected = len(log.drifts())
    records = list(log.batches(BATCH))
    with stand(kafka, clickhouse) as one, worker(one) as watching:
        one.send([log.specification()])
        await_joined(one, [watching])
        subscriber = Subscriber(one, expected)
        subscriber.start()
        sent = _send(one, records, events_per_second / BATCH)
        subscriber.join(PATIENCE_SECONDS)
    if len(subscriber.received) < expected:
        raise BenchmarkError(f"{len(subscriber.received)} of {expected} alerts came in {PATIENCE_SECONDS:.0f} s")
    return sorted((at - sent[number // BATCH]) * 1e3 for number, at in subscriber.received)


class Subscriber(threading.Thread):
    """Takes alerts until as many as expected have come.

    Attributes:
        received: The number of the event that an alert names, and when it came.
    """

    def __init__(self, stand: Stand, expected: int) -> None:
        super().__init__(daemon=True)
        self.received: list[tuple[int, float]] = []
        self._expected = expected
        self._consumer = KafkaConsumer(
            stand.topics.alerts.name, bootstrap_servers=stand.kafka, auto_offset_reset="earliest", group_id=None
        )

    def run(self) -> None:
        """Take alerts."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while len(self.received) < self._expected and time.monotonic() < deadline:
            for messages in self._consumer.poll(timeout_ms=1_000).values():
                now = time.perf_counter()
                alerts = [orjson.loads(message.value) for message in messages]
                self.received += [(event_number(alert["detected"]["event_id"]), now) for alert in alerts]
        self._consumer.close()


def _send(stand: Stand, records: Sequence[Value], records_per_second: float) -> list[float]:
    """Send evenly; return when each record was sent."""
    producer = KafkaProducer(bootstrap_servers=stand.kafka, max_request_size=4 * 1024 * 1024)
    begun, sent = time.perf_counter(), []
    for number, record in enumerate(records):
        time.sleep(max(0.0, begun + number / records_per_second - time.perf_counter()))
        headers = [("type", record.kind.encode()), ("emitter", b"bench"), ("events", b"%d" % record.events)]
        sent.append(time.perf_counter())
        producer.send(stand.topics.events.name, record.json, record.model.encode(), headers)
    producer.close(PATIENCE_SECONDS)
    return sent
