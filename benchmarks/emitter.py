"""What a service pays for `InferenceLogger.log`, with Kafka away and up, and how fast its thread sends.

Run `python benchmarks/emitter.py`, with `DRIFTLINE_KAFKA` set for a broker of yours; otherwise it starts one. What
counts are the ratios within one run to `orjson.dumps` of the record: the least that a copy of the arguments can cost.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from driftline.stack.parts import KAFKA
from driftline.stack.stack import Stack
from driftline.topics import create_topics
from driftline_producers import InferenceLogger
from driftline_schemas.topics import Topics

NOBODY = "127.0.0.1:1"
CALLS = 20_000
PACED_CALLS = 2_000
PACE_SECONDS = 0.001
FEATURES = {f"feature_{number}": number + 0.37 for number in range(9)} | {"country": "DE"}
RECORD = {
    "event_id": "0" * 36,
    "model": "bench",
    "version": "3",
    "timestamp_ms": 0,
    "features": FEATURES,
    "prediction": 1,
}


@contextmanager
def kafka() -> Iterator[str]:
    """The address of a broker."""
    if address := os.environ.get("DRIFTLINE_KAFKA"):
        yield address
        return
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), parts=[KAFKA])
        stack.up()
        try:
            yield stack.environment()["DRIFTLINE_KAFKA"]
        finally:
            stack.down()


def call_us(call: Callable[[], object], calls: int = CALLS, pause_seconds: float = 0.0) -> list[float]:
    """Sorted durations of calls in microseconds."""
    durations = []
    for _ in range(calls):
        start = time.perf_counter_ns()
        call()
        durations.append((time.perf_counter_ns() - start) / 1000)
        if pause_seconds:
            time.sleep(pause_seconds)
    return sorted(durations)


def show(what: str, durations: list[float], baseline_us: float) -> None:
    """One line of the table."""
    median, p99 = durations[len(durations) // 2], durations[len(durations) * 99 // 100]
    mean = sum(durations) / len(durations)
    print(f"{what:46} {mean:8.1f} {median:8.1f} {p99:8.1f} {median / baseline_us:9.1f}x")


def main() -> None:
    """Measure."""
    print(f"{'host call':46} {'mean µs':>8} {'median':>8} {'p99':>8} {'median/orjson':>10}")
    baseline = call_us(lambda: orjson.dumps(RECORD))
    baseline_us = baseline[CALLS // 2]
    show("orjson.dumps of the record", baseline, baseline_us)

    away = InferenceLogger("bench", "3", kafka=NOBODY, queue_events=10 * CALLS, queue_bytes=1 << 30)
    show("log, Kafka away", call_us(lambda: away.log(FEATURES, 1)), baseline_us)
    away.close(timeout_seconds=0)
    full = InferenceLogger("bench", "3", kafka=NOBODY, queue_events=1)
    show("log, Kafka away, queue full", call_us(lambda: full.log(FEATURES, 1)), baseline_us)
    full.close(timeout_seconds=0)

    with kafka() as address:
        topics = Topics(prefix=f"bench-{os.getpid()}.", partitions=1)
        create_topics(address, topics)
        up = InferenceLogger(
            "bench", "3", kafka=address, topic_prefix=topics.prefix, queue_events=10 * CALLS, queue_bytes=1 << 30
        )
        up.log(FEATURES, 1)
        up.flush(60)
        show(
            "log, Kafka up, 1 ms between calls",
            call_us(lambda: up.log(FEATURES, 1), PACED_CALLS, PACE_SECONDS),
            baseline_us,
        )
        up.flush(60)
        start, cpu = time.perf_counter(), time.process_time()
        show("log, Kafka up, as fast as it goes", call_us(lambda: up.log(FEATURES, 1)), baseline_us)
        assert up.flush(120)
        seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
        up.close()
        print(f"\nfrom log to confirmed: {CALLS / seconds:,.0f} events/s, {cpu_seconds / CALLS * 1e6:.0f} µs CPU/event")
        print(up.counters)


if __name__ == "__main__":
    main()
