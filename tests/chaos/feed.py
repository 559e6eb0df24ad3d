"""Writes the log at an even pace, as a client that loses nothing; a process of its own.

kafka-python never closes the sockets of refused connections: here they end with the process.
"""

import argparse
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kafka import KafkaProducer

from tests.chaos.generator import Sent, generated_log

REPOSITORY = Path(__file__).parents[2]
PATIENCE_SECONDS = 600


class Feed:
    """The process that writes; `finish` lets it write the rest without pauses."""

    def __init__(self, kafka: str, topic: str, seed: int, events: int, seconds: float) -> None:
        given = [kafka, topic, str(seed), str(events), str(seconds)]
        command = [sys.executable, "-m", "tests.chaos.feed", *given]
        self._process = subprocess.Popen(command, cwd=REPOSITORY, env=os.environ, stdin=subprocess.PIPE)

    def __enter__(self) -> "Feed":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def finish(self) -> None:
        """Wait until everything is written.

        Raises:
            RuntimeError: The broker did not take it.
        """
        self._process.communicate(timeout=PATIENCE_SECONDS)
        if self._process.returncode:
            raise RuntimeError("the log was not written; the reason is above")


def _write(kafka: str, topic: str, log: Sequence[Sent], seconds: float) -> None:
    hurry = threading.Event()
    threading.Thread(target=_wait_for_hurry, args=(hurry,), daemon=True).start()
    failed: list[Any] = []
    patience_ms = PATIENCE_SECONDS * 1000
    producer = KafkaProducer(
        bootstrap_servers=kafka,
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        compression_type="lz4",
        max_request_size=4 * 1024 * 1024,
        bootstrap_timeout_ms=patience_ms,
        max_block_ms=patience_ms,
        delivery_timeout_ms=patience_ms,
    )
    started = time.monotonic()
    for number, sent in enumerate(log):
        hurry.wait(max(0.0, started + number * seconds / len(log) - time.monotonic()))
        key = sent.key.encode() if sent.key is not None else None
        future = producer.send(topic, value=sent.value, key=key, headers=sent.headers, partition=sent.partition)
        future.add_errback(failed.append)
    producer.flush(timeout=PATIENCE_SECONDS)
    if failed:
        sys.exit(f"{len(failed)} records were not written: {failed[:3]}")


def _wait_for_hurry(hurry: threading.Event) -> None:
    sys.stdin.read()
    hurry.set()


def main() -> None:
    """Write the generated log; the rest of it at once when standard input ends."""
    parser = argparse.ArgumentParser()
    for name, kind in (("kafka", str), ("topic", str), ("seed", int), ("events", int), ("seconds", float)):
        parser.add_argument(name, type=kind)
    given = parser.parse_args()
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # a broker that is away is what we want
    _write(given.kafka, given.topic, generated_log(given.seed, given.events), given.seconds)


if __name__ == "__main__":
    main()
