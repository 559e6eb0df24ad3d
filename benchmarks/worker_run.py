"""Runs Driftline's worker on a log."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import orjson

from benchmarks.event_log import event_number
from benchmarks.measured import TIMEOUT_SECONDS, BenchmarkError, Measured, Sampler, end
from benchmarks.stand import Stand
from driftline.stack.ports import draw_port

ASK_SECONDS = 0.05


@dataclass(frozen=True)
class Worker:
    """A running worker."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def offsets(self, which: str) -> Mapping[str, int]:
        """By partition, `next_offset` or `stored_offset`; empty while it starts."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=60) as answer:  # it answers between chunks
                document = orjson.loads(answer.read())
        except HTTPError as error:
            with error:
                document = orjson.loads(error.read())
        except OSError:
            if self.process.poll() is not None:
                raise BenchmarkError(f"the worker ended: {self.log.read_text()[-2000:]}") from None
            return {}
        return {number: partition[which] for number, partition in document["partitions"].items()}


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


def run_workers(stand: Stand, events: int, records: Mapping[int, int], workers: int = 1) -> Measured:
    """Let workers read the log, from its beginning until everything is stored.

    Args:
        stand: Where the log lies.
        events: How many there are in it.
        records: Its length by partition.
        workers: How many worker processes.

    Raises:
        BenchmarkError: A worker ended, or something else than the log was stored.
    """
    with ExitStack() as running:
        started = [running.enter_context(worker(stand)) for _ in range(workers)]
        sampler = Sampler([each.process for each in started])
        begun = _await_first(started, sampler)
        ended = _await_stored(started, sampler, records)
    stored = stand.client.query("SELECT count() FROM predictions").first_row[0]
    if stored != events:
        raise BenchmarkError(f"the worker stored {stored} predictions, expected {events}")
    found = stand.client.query("SELECT feature, detected_event_id FROM drifts WHERE detector = 'adwin'").result_rows
    drifts = frozenset((feature, event_number(event_id)) for feature, event_id in found)
    return Measured(events, ended[0] - begun[0], ended[1] - begun[1], sampler.peak_bytes, drifts)


def _await_first(started: list[Worker], sampler: Sampler) -> tuple[float, float]:
    """The last sample of which it is certain that no event had been processed before it."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    begun = sampler.sample()
    while time.monotonic() < deadline:
        now = sampler.sample()
        if any(offset > 0 for each in started for offset in each.offsets("next_offset").values()):
            return begun
        begun = now
        time.sleep(ASK_SECONDS)
    raise BenchmarkError(f"the worker took no event: {started[0].log.read_text()[-2000:]}")


def _await_stored(started: list[Worker], sampler: Sampler, records: Mapping[int, int]) -> tuple[float, float]:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        stored: dict[str, int] = {}
        for each in started:
            stored |= each.offsets("stored_offset")
        if all(stored.get(str(partition), 0) >= length for partition, length in records.items()):
            return sampler.sample()
        sampler.sample()
        time.sleep(ASK_SECONDS)
    raise BenchmarkError(f"the worker did not store the log: {started[0].log.read_text()[-2000:]}")
