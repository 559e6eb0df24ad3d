"""A stack on a disk that is full, then read-only, then neither: clear errors, and all that was acknowledged is kept.

``python -m tests.chaos.full_disk FOLDER`` mounts a small disk at FOLDER: run it as root or under `unshare -rm`.
"""

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from driftline.stack.errors import StackError
from driftline.stack.parts import INFRASTRUCTURE
from driftline.stack.stack import Stack
from driftline_schemas.clickhouse import connect
from driftline_schemas.settings import Settings
from tests.chaos.processes import wait_for

SIZE = "400m"
RECORD = b"x" * 50_000
RECORDS = 100


def main() -> None:
    """Fill the disk under a running stack, start it while full and while read-only, and once more with room."""
    disk = Path(sys.argv[1])
    _mount(disk, "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs")
    stack = Stack(disk / "state", parts=INFRASTRUCTURE)
    stack.up()
    try:
        settings = Settings.from_environment(stack.environment())
        acknowledged = _produce(settings, 10)
        rows = _insert(settings)
        _fill(disk / "fill")
        acknowledged += _produce(settings, RECORDS)
        with suppress(Exception):  # refused, as it should be; an insert that is not refused must be there in the end
            rows += _insert(settings)
        stack.down()
        _expect("free on the disk of the state folder", stack.up)
        (disk / "fill").unlink()
        _mount(disk, "-o", "remount,ro")
        _expect("cannot write to the state folder", stack.up)
        _mount(disk, "-o", "remount,rw")
        stack.up()
        wait_for("the log", lambda: _records(settings) >= acknowledged, 60)
        _require(_rows(settings) == rows, f"{rows} rows were acknowledged, {_rows(settings)} are stored")
        _require(_produce(settings, 10) == 10, "nothing is taken any more")
        _insert(settings)
    finally:
        stack.down()
    sys.stdout.write(f"{acknowledged} records and {rows} rows were acknowledged, and are there\n")


def _mount(folder: Path, *arguments: str) -> None:
    subprocess.run(["mount", *arguments, str(folder)], check=True)


def _fill(path: Path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(b"x" * (1 << 20)):
            pass


def _produce(settings: Settings, count: int) -> int:
    """How many records the broker acknowledged."""
    producer = KafkaProducer(
        bootstrap_servers=settings.kafka,
        acks="all",
        request_timeout_ms=3_000,
        delivery_timeout_ms=8_000,
        max_block_ms=3_000,
    )
    futures: list[Any] = []
    with suppress(KafkaError):
        for number in range(count):
            futures.append(producer.send(settings.topics.events.name, RECORD, partition=number % 4))
        producer.flush(timeout=6)
    acknowledged = sum(bool(future.succeeded()) for future in futures)
    with suppress(KafkaError):
        producer.close(timeout=3)
    return acknowledged


def _records(settings: Settings) -> int:
    consumer = KafkaConsumer(bootstrap_servers=settings.kafka)
    partitions = [TopicPartition(settings.topics.events.name, n) for n in range(4)]
    count = sum(consumer.end_offsets(partitions).values())
    consumer.close()
    return int(count)


def _insert(settings: Settings) -> int:
    """Insert rows, and return how many."""
    client = connect(settings.clickhouse)
    at = 1 + max(0, int(client.query("SELECT max(offset) FROM dead_letter_log").result_rows[0][0]))
    client.insert("dead_letter_log", [["full", n] for n in range(at, at + 100)], column_names=["reason", "offset"])
    client.close()
    return 100


def _rows(settings: Settings) -> int:
    client = connect(settings.clickhouse)
    count = int(client.query("SELECT count() FROM dead_letter_log").result_rows[0][0])
    client.close()
    return count


def _expect(said: str, call: Callable[[], object]) -> None:
    try:
        call()
    except StackError as error:
        _require(said in str(error) and "\n" not in str(error), f"unclear: {error}")
        sys.stdout.write(f"{error}\n")
    else:
        _require(False, f"no error, expected: {said}")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise RuntimeError(otherwise)


if __name__ == "__main__":
    main()
