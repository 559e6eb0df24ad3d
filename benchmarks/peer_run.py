"""Runs the programs of `benchmarks/peers` on a log."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.event_log import EventLog, event_number
from benchmarks.measured import TIMEOUT_SECONDS, BenchmarkError, Measured, Sampler, end
from benchmarks.peers.work import WINDOW_EVENTS, Job
from benchmarks.stand import Stand

ROOT = Path(__file__).parent.parent
SAMPLE_SECONDS = 0.1

_PREDICTION = """CREATE TABLE peer_prediction (event_id String, model LowCardinality(String),
version LowCardinality(String), timestamp DateTime64(3), prediction LowCardinality(String), score Float64, {features})
ENGINE = MergeTree ORDER BY (model, timestamp)"""
_WINDOW = """CREATE TABLE peer_window (model LowCardinality(String), version LowCardinality(String),
feature LowCardinality(String), window_start DateTime64(3), window_end DateTime64(3), count UInt64, mean Float64,
std Float64, min Float64, max Float64) ENGINE = MergeTree ORDER BY (model, feature, window_end)"""


@dataclass(frozen=True)
class Missing:
    """Why a program could not run: its library is not there."""

    reason: str


def run_peer(name: str, stand: Stand, log: EventLog, events: int, python: str = sys.executable) -> Measured | Missing:
    """Run one program on the first events of a log that lies in the events topic.

    Args:
        name: Module in `benchmarks.peers`.
        stand: Where the log is, and where the rows go.
        log: What it is made of.
        events: How many of its events are processed.
        python: Interpreter that has the program's libraries.

    Raises:
        BenchmarkError: It failed, or did not store every row.
    """
    _make_tables(stand, log)
    address = stand.clickhouse
    job = Job(
        stand.kafka, stand.topics.events.name, events, address.host, address.port, address.database, f"{name}-group"
    )
    with _program(name, job, python) as (process, output):
        report = _await_report(name, process, output)
    if isinstance(report, Missing):
        return report
    if name != "floor":
        _check_rows(name, stand, events, log.features)
    drifts = frozenset((feature, event_number(event_id)) for feature, event_id in report["drifts"])
    return Measured(report["events"], report["cpu_seconds"], report["wall_seconds"], report["peak_bytes"], drifts)


@contextmanager
def _program(name: str, job: Job, python: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Run it in a folder that is deleted afterwards: some leave their state where they run."""
    environment = {**os.environ, "BENCH_JOB": json.dumps(asdict(job)), "PYTHONPATH": str(ROOT)}
    command = [str(Path(python).absolute()), "-m", f"benchmarks.peers.{name}"]
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "output"
        with output.open("wb") as said:
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said)
        try:
            yield process, output
        finally:
            end(process)


def _await_report(name: str, process: subprocess.Popen[bytes], output: Path) -> dict[str, Any] | Missing:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    sampler = Sampler([process])
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        for line in output.read_text("utf-8", "replace").splitlines():
            if line.startswith('{"events"'):
                return {**json.loads(line), "peak_bytes": sampler.peak_bytes}
        if ended:
            break
        sampler.sample()
        time.sleep(SAMPLE_SECONDS)
    last = output.read_text("utf-8", "replace").strip()[-2000:]
    if "ModuleNotFoundError" in last:
        return Missing(last.splitlines()[-1])
    raise BenchmarkError(f"{name} did not finish (exit code {process.poll()}); its last words:\n{last}")


def _make_tables(stand: Stand, log: EventLog) -> None:
    features = ", ".join(f"{name} Float64" for name in log.names)
    for table, statement in (("prediction", _PREDICTION), ("window", _WINDOW)):
        stand.client.command(f"DROP TABLE IF EXISTS peer_{table}")
        stand.client.command(statement.format(features=features))


def _check_rows(name: str, stand: Stand, events: int, features: int) -> None:
    predictions = stand.client.query("SELECT uniqExact(event_id) FROM peer_prediction").first_row[0]
    windows = stand.client.query("SELECT count() FROM peer_window").first_row[0]
    expected = 0 if name == "libraries" else events // WINDOW_EVENTS * features
    if (predictions, windows) != (events, expected):
        raise BenchmarkError(
            f"{name} stored {predictions} predictions and {windows} windows, expected {events} and {expected}"
        )
