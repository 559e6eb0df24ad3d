"""Measures one part after the other and yields the table's rows."""

import asyncio
import random
import statistics
from collections.abc import Iterator, Mapping
from contextlib import closing

from benchmarks import emitter, latency, look_up, scaling, stand
from benchmarks.comparison import COLUMNAR, FAUST, LIBRARIES, LIBRARIES_COLUMNAR, PEERS, SINGLE, SLUGS, Sizes, compare
from benchmarks.measured import Measured
from benchmarks.peer_run import Missing
from benchmarks.report import Goal, Row
from driftline_schemas.settings import ClickHouseAddress
from driftline_stream_processors.storage.store import Store

LATENCY_SECONDS = 15.0
FEATURE_VALUES = 6_000_000
MODEL_EVENTS = 1_000_000
SEGMENT_EVENTS = 300_000
WORKER_EVENTS = 600_000

Runs = dict[str, Measured]


def comparison(kafka: str, clickhouse: ClickHouseAddress, sizes: Sizes, python: str, runs: Runs) -> Iterator[Row]:
    """Measure every program, keep the runs, and put the worker beside the best peer and beside vanilla Faust."""
    goals = {COLUMNAR: Goal(least=150_000), SINGLE: Goal(least=60_000)}
    for program, found in compare(kafka, clickhouse, sizes, python):
        name, unit = f"{SLUGS[program]}.events_per_cpu_second", "events / CPU s"
        if isinstance(found, Missing):
            yield Row(name, program, None, unit, note=found.reason)
        else:
            runs[program] = found
            yield Row(name, program, found.events_per_cpu_second, unit, goals.get(program), found)
    yield from _ratios(runs)


def _ratios(runs: Runs) -> Iterator[Row]:
    peers = {name: run.events_per_cpu_second for name, run in runs.items() if name in PEERS}
    best = max(peers, key=peers.__getitem__)
    goals = {COLUMNAR: Goal(least=5), SINGLE: Goal(least=1.5)}
    for program in (COLUMNAR, LIBRARIES_COLUMNAR, SINGLE, LIBRARIES):
        if program in runs:
            ratio = runs[program].events_per_cpu_second / peers[best]
            what = f"{program}, to the best peer ({best})"
            yield Row(f"{SLUGS[program]}.to_best_peer", what, ratio, "times", goals.get(program))
    if FAUST in peers:
        ratio = runs[COLUMNAR].events_per_cpu_second / peers[FAUST]
        yield Row(f"{SLUGS[COLUMNAR]}.to_faust", f"{COLUMNAR}, to vanilla Faust", ratio, "times", Goal(least=40))


def host(kafka: str) -> Iterator[Row]:
    """What a service pays for the SDK."""
    figures = emitter.measure(kafka)
    wanted: Mapping[str, tuple[str, Goal | None]] = {
        "log_p50_us": ("log(), p50, the sender running", None),
        "log_p99_us": ("log(), p99, the sender running", None),
        "log_second_thread_p50_us": ("log(), p50, and a second thread logging", Goal(most=1)),
        "log_second_thread_p99_us": ("log(), p99, and a second thread logging", Goal(most=10)),
        "sender_thread_us": ("emitter, sending thread, CPU per event", Goal(most=3)),
        "sender_and_kafka_client_us": ("emitter, all its threads, CPU per event", None),
    }
    for name, (what, goal) in wanted.items():
        yield Row(f"emitter.{name}", what, figures[name], "µs", goal)


def alerts(kafka: str, clickhouse: ClickHouseAddress, runs: Runs) -> Iterator[Row]:
    """From event to alert at half of what the worker did by the clock on the wall."""
    load = runs[COLUMNAR].events / runs[COLUMNAR].wall_seconds / 2
    times = latency.alert_latency_ms(kafka, clickhouse, load, LATENCY_SECONDS)
    what = f"event → alert at {load:,.0f} events/s, {{}} of {len(times)} alerts"
    yield Row("alert.p50_ms", what.format("p50"), times[len(times) // 2], "ms")
    yield Row("alert.p99_ms", what.format("p99"), times[len(times) * 99 // 100], "ms", Goal(most=500))


def growth(kafka: str, clickhouse: ClickHouseAddress, runs: Runs) -> Iterator[Row]:
    """Cost per feature value as features and models grow, relative to ten features of one model; and by segments."""
    base = runs[COLUMNAR].cpu_us_per_event / 10
    for count, run in scaling.features(kafka, clickhouse, FEATURE_VALUES):
        goal = Goal(least=1_500_000) if count == 100 else None
        name, what = f"features.{count}", f"{count:,} features"
        yield Row(f"{name}.values_per_cpu_second", what, run.events_per_cpu_second * count, "values / CPU s", goal, run)
        yield _relative(f"{name}.relative_cost", what, run.cpu_us_per_event / count / base)
    for count, run in scaling.models(kafka, clickhouse, MODEL_EVENTS):
        name, what = f"models.{count}", f"{count:,} models of 10 features"
        yield Row(f"{name}.events_per_cpu_second", what, run.events_per_cpu_second, "events / CPU s", measured=run)
        yield _relative(f"{name}.relative_cost", what, run.cpu_us_per_event / 10 / base)
    yield from _against_one("segment", "{} of a model", scaling.segments(kafka, clickhouse, SEGMENT_EVENTS))


def _relative(name: str, what: str, ratio: float) -> Row:
    return Row(name, f"{what}: cost per value, to 10 features of 1 model", ratio, "times", Goal(0.8, 1.2))


def together(kafka: str, clickhouse: ClickHouseAddress) -> Iterator[Row]:
    """Several workers on this machine against one, by CPU time."""
    yield from _against_one("worker", "{}, 4 partitions", scaling.workers(kafka, clickhouse, WORKER_EVENTS))


def _against_one(thing: str, what: str, runs: Iterator[tuple[int, Measured]]) -> Iterator[Row]:
    """What an event costs with one `thing`, and with several relative to that."""
    alone = 0.0
    for count, run in runs:
        alone = alone or run.cpu_us_per_event
        told = what.format(f"{count} {thing}{'s' if count > 1 else ''}")
        name, unit = f"{thing}s.{count}", "events / CPU s"
        yield Row(f"{name}.events_per_cpu_second", told, run.events_per_cpu_second, unit, measured=run)
        if count > 1:
            ratio = run.cpu_us_per_event / alone
            yield Row(f"{name}.relative_cost", f"{told}: CPU per event, to one {thing}", ratio, "times")


def joins(clickhouse: ClickHouseAddress, stored_rows: int) -> Iterator[Row]:
    """Looking up the predictions of 10,000 outcomes, in a small table and in a large one."""
    with stand.database(clickhouse) as address:
        look_up.fill(address, 0, stored_rows // 10)
        yield from _joins(address, stored_rows // 10)
        look_up.fill(address, stored_rows // 10, stored_rows)
        yield from _joins(address, stored_rows)


def _joins(address: ClickHouseAddress, stored: int) -> Iterator[Row]:
    chance = random.Random(1)
    for kind, limit in (("time-ordered", 15), ("random", 150)):
        with closing(Store(address, "bench", "events", "")) as store:
            asked = [look_up.keys(address, kind, stored, chance) for _ in range(look_up.TURNS + 1)]
            times = asyncio.run(look_up.microseconds_per_id(store, asked, stored))
        what = f"look-up of a prediction by its {kind} id, {stored:,} stored"
        yield Row(f"look_up.{kind}.{stored}.us", what, statistics.median(times), "µs wall", Goal(most=limit))
