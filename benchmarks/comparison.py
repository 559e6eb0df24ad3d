"""The same log and the same work through this worker and through its peers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from benchmarks.event_log import Drift, EventLog, Value
from benchmarks.measured import BenchmarkError, Measured
from benchmarks.peer_run import Missing, run_peer
from benchmarks.stand import Stand, stand
from benchmarks.worker_run import run_worker
from driftline_schemas.settings import ClickHouseAddress

BATCH = 256

COLUMNAR, SINGLE = "worker, columnar batches", "worker, single events"
FLOOR, FLOOR_COLUMNAR = "floor: aiokafka + orjson, single events", "floor: aiokafka + orjson, columnar batches"
LIBRARIES, LIBRARIES_COLUMNAR = "libraries alone, single events", "libraries alone, columnar batches"
FAUST = "vanilla Faust agent"
PEERS: Mapping[str, str] = {
    FAUST: "faust_agent",
    "Quix Streams": "quix_application",
    "Bytewax": "bytewax_flow",
    "kafka-python loop": "kafka_python_loop",
    "confluent-kafka loop": "confluent_loop",
}
SLUGS: Mapping[str, str] = {
    COLUMNAR: "worker.columnar",
    SINGLE: "worker.single",
    FLOOR_COLUMNAR: "floor.columnar",
    FLOOR: "floor.single",
    LIBRARIES_COLUMNAR: "libraries.columnar",
    LIBRARIES: "libraries.single",
    **{name: f"peer.{module}" for name, module in PEERS.items()},
}


@dataclass(frozen=True)
class Sizes:
    """How many events the programs get.

    Attributes:
        columnar: The worker with batches, and the floor with batches.
        single: Everybody else.
        slow: The vanilla Faust agent: the first events of the log of `single`.
        programs: Which programs take part beside the worker.
    """

    columnar: int
    single: int
    slow: int
    programs: tuple[str, ...]


def compare(
    kafka: str, clickhouse: ClickHouseAddress, sizes: Sizes, peers_python: str
) -> Iterator[tuple[str, Measured | Missing]]:
    """Yield each program's figures as soon as it has run.

    Raises:
        BenchmarkError: A program failed, or found other drifts than River's public ADWIN finds.
    """
    log = EventLog(sizes.columnar)
    if FLOOR_COLUMNAR in sizes.programs:
        with stand(kafka, clickhouse) as columnar:
            columnar.send(log.batches(BATCH))
            yield FLOOR_COLUMNAR, run_peer("floor", columnar, log, log.events, peers_python)
            yield LIBRARIES_COLUMNAR, _libraries(LIBRARIES_COLUMNAR, columnar, log)
    yield COLUMNAR, _worker(kafka, clickhouse, COLUMNAR, log, log.batches(BATCH))
    log = EventLog(sizes.single)
    with stand(kafka, clickhouse) as single:
        single.send(log.singles())
        yield from _peers(single, log, sizes, peers_python)
    yield SINGLE, _worker(kafka, clickhouse, SINGLE, log, log.singles())


def _worker(kafka: str, clickhouse: ClickHouseAddress, name: str, log: EventLog, values: Iterator[Value]) -> Measured:
    """The worker on a copy of its own: before the events it has a specification, and ticks behind them."""
    with stand(kafka, clickhouse) as own:
        records = own.send(chain([log.specification()], values))
        return checked(name, run_worker(own, log.events, records), log)


def _peers(single: Stand, log: EventLog, sizes: Sizes, peers_python: str) -> Iterator[tuple[str, Measured | Missing]]:
    if FLOOR in sizes.programs:
        yield FLOOR, run_peer("floor", single, log, log.events, peers_python)
        yield LIBRARIES, _libraries(LIBRARIES, single, log)
    for name, module in PEERS.items():
        if name in sizes.programs:
            events = sizes.slow if name == FAUST else log.events
            found = run_peer(module, single, log, events, peers_python)
            yield name, found if isinstance(found, Missing) else checked(name, found, EventLog(events))


def _libraries(name: str, own: Stand, log: EventLog) -> Measured | Missing:
    """With the worker's own libraries, in their versions."""
    found = run_peer("libraries", own, log, log.events)
    return found if isinstance(found, Missing) else checked(name, found, log)


def checked(name: str, measured: Measured, log: EventLog) -> Measured:
    """The figures, if the program found the drifts that it has to find."""
    expected = log.drifts()
    if measured.drifts != expected:
        raise BenchmarkError(
            f"{name} found other drifts: missing {_first(expected - measured.drifts)}, "
            f"too many {_first(measured.drifts - expected)}"
        )
    return measured


def _first(drifts: frozenset[Drift]) -> list[Drift]:
    return sorted(drifts, key=lambda drift: drift[1])[:5]
