"""Runs Driftline's worker on a log."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import orjson
from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from benchmarks.event_log import Value, event_number
from benchmarks.measured import TIMEOUT_SECONDS, BenchmarkError, Measured, Sampler, end
from benchmarks.stand import Stand
from driftline.stack.ports import draw_port

ASK_SECONDS = 0.05
ASK_SELDOM_SECONDS = 0.25

_STORED = "SELECT partition, max(last_offset) + 1 FROM block_log GROUP BY partition"


@dataclass(frozen=True)
class Worker:
    """A running worker."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def has_begun(self) -> bool:
        """Whether it has processed a record."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=60) as answer:  # it answers between chunks
                document = orjson.loads(answer.read())
        except HTTPError as error:
            with error:
                document = orjson.loads(error.read())
        except OSError:
            if self.process.poll() is not None:
                raise BenchmarkError(f"the worker ended: {self.log.read_text()[-2000:]}") from None
            return False
        return any(partition["next_offset"] for partition in document["partitions"].values())


@contextmanager
def worker(stand: Stand) -> Iterator[Worker]:
    """Run a worker with the settings that it has by default."""
    address, port = stand.clickhouse, draw_port()
    environment = {
        **os.environ,
        "DRIFTLINE_KAFKA": stand.kafka,
        "DRIFTLINE_CLICKHOUSE": f"http://{address.username}@{address.host}:{address.port}/{address.database}",
        "DRIFTLINE_TOPIC_PREFIX": stand.topics.prefix,
        "DRIFTLINE_PARTITIONS": str(stand.topics.partitions),
        "DRIFTLINE_WORKER_PORT": str(port),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "worker.log"
        with path.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "driftline", "worker"], env=environment, stdout=log, stderr=log, cwd=folder
            )
        try:
            yield Worker(process, port, path)
        finally:
            end(process)


def run_worker(stand: Stand, events: int, records: Mapping[int, int]) -> Measured:
    """Let a worker read the log, from its beginning until everything is stored.

    Args:
        stand: Where the log lies.
        events: How many there are in it.
        records: Its length by partition.

    Raises:
        BenchmarkError: The worker ended, or something else than the log was stored.
    """
    with worker(stand) as started:
        sampler = Sampler([started.process])
        begun = _await_first(started, sampler)
        ended = _await_stored(stand, [started], sampler, records)
    return _measured(stand, events, sampler, begun, ended)


def run_group(stand: Stand, values: Sequence[Value], workers: int) -> Measured:
    """Let a group of workers, all of which have joined it, read a log that is being written.

    Raises:
        BenchmarkError: A worker ended, or something else than the log was stored.
    """
    with ExitStack() as running:
        started = [running.enter_context(worker(stand)) for _ in range(workers)]
        await_joined(stand, started)
        sampler = Sampler([each.process for each in started])
        begun = sampler.sample()
        records = stand.send(values)
        ended = _await_stored(stand, started, sampler, records)
    return _measured(stand, sum(value.events for value in values), sampler, begun, ended)


def await_joined(stand: Stand, started: Sequence[Worker]) -> None:
    """Wait until the workers are a group in which every one has its partitions."""
    group, deadline = f"{stand.topics.prefix}worker", time.monotonic() + TIMEOUT_SECONDS
    with closing(KafkaAdminClient(bootstrap_servers=stand.kafka)) as admin:
        while time.monotonic() < deadline:
            with suppress(KafkaError):  # the broker makes the topic of the groups when the first one comes
                found = admin.describe_groups([group])[group]
                if found["group_state"] == "Stable" and len(found["members"]) == len(started):
                    return
            time.sleep(ASK_SECONDS)
    raise BenchmarkError(f"the workers did not become a group: {started[0].log.read_text()[-2000:]}")


def _measured(
    stand: Stand, events: int, sampler: Sampler, begun: tuple[float, float], ended: tuple[float, float]
) -> Measured:
    stored = stand.client.query("SELECT count() FROM predictions").first_row[0]
    if stored != events:
        raise BenchmarkError(f"the worker stored {stored} predictions, expected {events}")
    found = stand.client.query("SELECT feature, detected_event_id FROM drifts WHERE detector = 'adwin'").result_rows
    drifts = frozenset((feature, event_number(event_id)) for feature, event_id in found)
    return Measured(events, ended[0] - begun[0], ended[1] - begun[1], sampler.peak_bytes, drifts)


def _await_first(started: Worker, sampler: Sampler) -> tuple[float, float]:
    """The last sample of which it is certain that no event had been processed before it."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    begun = sampler.sample()
    while time.monotonic() < deadline:
        now = sampler.sample()
        if started.has_begun():
            return begun
        begun = now
        time.sleep(ASK_SECONDS)
    raise BenchmarkError(f"the worker took no event: {started.log.read_text()[-2000:]}")


def _await_stored(
    stand: Stand, started: list[Worker], sampler: Sampler, records: Mapping[int, int]
) -> tuple[float, float]:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        stored = dict(stand.client.query(_STORED).result_rows)
        if all(stored.get(partition, 0) >= length for partition, length in records.items()):
            return sampler.sample()
        if any(each.process.poll() is not None for each in started):
            break
        sampler.sample()
        time.sleep(ASK_SELDOM_SECONDS)
    raise BenchmarkError(f"the worker did not store the log: {started[0].log.read_text()[-2000:]}")
