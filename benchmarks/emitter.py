"""What a service pays for `InferenceLogger.log`, and what its sending thread pays for an event.

Run `python benchmarks/emitter.py`, with `DRIFTLINE_KAFKA` set for a broker of yours; otherwise it starts one. What
counts are the ratios within one run to `orjson.dumps` of the record: the least that a copy of the arguments as bytes
can cost. The clock is read twice per call, which is part of every figure.
"""

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import orjson

from driftline.stack.parts import KAFKA
from driftline.stack.stack import Stack
from driftline.topics import create_topics
from driftline_producers import InferenceLogger
from driftline_schemas.topics import Topics

T = TypeVar("T")

NOBODY = "127.0.0.1:1"
CALLS = 100_000  # long enough for the sending thread to pack in between, several times
PACED_CALLS = 1_000
PACE_SECONDS = 0.001
BURST = 200
FLUSH_SECONDS = 60.0
PACKED_SECONDS = 0.5
FEATURES = {f"feature_{number}": number + 0.37 for number in range(9)} | {"country": "DE"}
RECORD = {
    "event_id": "0" * 36,
    "model": "bench",
    "version": "3",
    "timestamp_ms": 1_763_870_000_000,
    "features": FEATURES,
    "prediction": 1,
    "score": 0.93,
}


def measure(kafka: str) -> dict[str, float]:
    """Figures of the emitter by name; those that end in `_us` are microseconds.

    Args:
        kafka: `host:port` of a broker; a topic of its own is created there.
    """
    topics = Topics(prefix=f"bench-{os.getpid()}.", partitions=1)
    create_topics(kafka, topics)
    figures = _percentiles("orjson_dumps", _call_us(lambda: orjson.dumps(RECORD)))
    figures |= _percentiles("orjson_dumps_paced", _call_us(lambda: orjson.dumps(RECORD), PACED_CALLS, PACE_SECONDS))
    figures |= _percentiles("log_away", _with_logger(NOBODY, topics, _log_us))
    figures |= _percentiles("log", _with_logger(kafka, topics, _log_us))
    figures |= _percentiles("log_second_thread", _with_logger(kafka, topics, _log_beside_another_us))
    figures |= _percentiles("log_paced", _with_logger(kafka, topics, _log_paced_us))
    return figures | _with_logger(kafka, topics, _sender_us)


def _with_logger(kafka: str, topics: Topics, work: Callable[[InferenceLogger], T]) -> T:
    logger = InferenceLogger("bench", "3", kafka=kafka, topic_prefix=topics.prefix, queue_events=10 * CALLS)
    try:
        logger.log(FEATURES, 1, score=0.93)
        if not logger.flush(FLUSH_SECONDS if kafka != NOBODY else PACKED_SECONDS) and kafka != NOBODY:
            raise RuntimeError(f"{kafka} did not confirm an event within {FLUSH_SECONDS:.0f} s")
        done = work(logger)
        if dropped := logger.counters.dropped:
            raise RuntimeError(f"events were dropped, which is another path than the one to be measured: {dropped}")
        return done
    finally:
        logger.close(FLUSH_SECONDS if kafka != NOBODY else 0)


def _log_us(logger: InferenceLogger) -> list[float]:
    log, durations = logger.log, []
    for _ in range(CALLS):  # spelled out: a function around the call would be a sixth of what is measured
        start = time.perf_counter_ns()
        log(FEATURES, 1, score=0.93)
        durations.append((time.perf_counter_ns() - start) / 1000)
    return sorted(durations)


def _log_paced_us(logger: InferenceLogger) -> list[float]:
    return _call_us(lambda: logger.log(FEATURES, 1, score=0.93), PACED_CALLS, PACE_SECONDS)


def _log_beside_another_us(logger: InferenceLogger) -> list[float]:
    ending = threading.Event()

    def log_on() -> None:
        while not ending.is_set():
            for _ in range(BURST):
                logger.log(FEATURES, 1, score=0.93)
            time.sleep(PACE_SECONDS)

    other = threading.Thread(target=log_on)
    other.start()
    try:
        return _log_us(logger)
    finally:
        ending.set()
        other.join()


def _sender_us(logger: InferenceLogger) -> dict[str, float]:
    """CPU of the sending thread, and of the process without the thread that logs, per event."""
    (sender,) = (thread for thread in threading.enumerate() if thread.name == "driftline-sender-bench")
    clock = time.pthread_getcpuclockid(sender.ident or 0)
    sender_start, process_start, host_start = time.clock_gettime(clock), time.process_time(), time.thread_time()
    start = time.perf_counter()
    for _ in range(CALLS // BURST):
        for _ in range(BURST):
            logger.log(FEATURES, 1, score=0.93)
        time.sleep(PACE_SECONDS)
    logger.flush(FLUSH_SECONDS)
    seconds = time.perf_counter() - start
    sender_seconds = time.clock_gettime(clock) - sender_start
    all_seconds = time.process_time() - process_start - (time.thread_time() - host_start)
    return {
        "sender_thread_us": sender_seconds / CALLS * 1e6,
        "sender_and_kafka_client_us": all_seconds / CALLS * 1e6,
        "confirmed_per_second": CALLS / seconds,
    }


def _call_us(call: Callable[[], object], calls: int = CALLS, pause_seconds: float = 0.0) -> list[float]:
    """Sorted durations of calls in microseconds."""
    durations = []
    for _ in range(calls):
        start = time.perf_counter_ns()
        call()
        durations.append((time.perf_counter_ns() - start) / 1000)
        if pause_seconds:
            time.sleep(pause_seconds)
    return sorted(durations)


def _percentiles(name: str, durations: list[float]) -> dict[str, float]:
    return {
        f"{name}_p50_us": durations[len(durations) // 2],
        f"{name}_p99_us": durations[len(durations) * 99 // 100],
        f"{name}_mean_us": sum(durations) / len(durations),
    }


@contextmanager
def _broker() -> Iterator[str]:
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


def main() -> None:
    """Measure and print."""
    with _broker() as kafka:
        figures = measure(kafka)
    floor = figures["orjson_dumps_p50_us"]
    for name, value in figures.items():
        ratio = f"{value / floor:8.1f}x orjson.dumps" if name.endswith("_us") else ""
        print(f"{name:34} {value:12,.2f} {ratio}")


if __name__ == "__main__":
    main()
