"""What is done to workers, broker and store, and a seeded schedule of it."""

import itertools
import random
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.chaos.processes import Process
from tests.chaos.relay import Relay

LOST_IN_A_ROW = 3


@dataclass(frozen=True)
class Kind:
    """One way to disturb a process.

    Attributes:
        name: What the report calls it.
        weight: How often, against the others.
        seconds: Shortest and longest time between `begin` and `end`.
        target: Name of the process, "worker" for any worker, "absent worker" for one that does not run.
        begin: What happens first.
        end: What ends it.
    """

    name: str
    weight: int
    seconds: tuple[float, float]
    target: str
    begin: Callable[[Process, Relay], None]
    end: Callable[[Process, Relay], None]


def _kill(process: Process, _: Relay) -> None:
    process.kill()


def _start(process: Process, _: Relay) -> None:
    process.start()


def _kill_and_start(process: Process, _: Relay) -> None:
    process.kill()
    process.start()


def _ask_to_end(process: Process, _: Relay) -> None:
    process.send(signal.SIGTERM)


def _wait_for_end(process: Process, _: Relay) -> None:
    process.terminate()


def _wait_and_start(process: Process, _: Relay) -> None:
    process.terminate()
    process.start()


def _stop(process: Process, _: Relay) -> None:
    process.send(signal.SIGSTOP)


def _continue(process: Process, _: Relay) -> None:
    process.send(signal.SIGCONT)


def _nothing(_: Process, __: Relay) -> None:
    pass


def _lose_answers(_: Process, relay: Relay) -> None:
    relay.lose_answers = LOST_IN_A_ROW


def _cut_requests(_: Process, relay: Relay) -> None:
    relay.cut_requests = LOST_IN_A_ROW


def _slow_down(_: Process, relay: Relay) -> None:
    relay.delay_seconds = 1.0


def _speed_up(_: Process, relay: Relay) -> None:
    relay.delay_seconds = 0.0


KINDS: Sequence[Kind] = (
    Kind("worker killed", 12, (0, 3), "worker", _kill, _start),
    Kind("worker terminated", 8, (0.5, 6), "worker", _ask_to_end, _wait_and_start),
    Kind("worker stopped past its session", 14, (12, 20), "worker", _stop, _continue),
    Kind("worker stopped for minutes", 2, (45, 65), "worker", _stop, _continue),
    Kind("worker stopped briefly", 8, (0.5, 6), "worker", _stop, _continue),
    Kind("zombie killed", 4, (12, 16), "worker", _stop, _kill_and_start),
    Kind("worker removed", 6, (0.5, 6), "worker", _ask_to_end, _wait_for_end),
    Kind("worker added", 8, (0, 0), "absent worker", _start, _nothing),
    Kind("broker killed", 6, (0, 3), "kafka", _kill, _start),
    Kind("broker restarted", 5, (1, 5), "kafka", _ask_to_end, _wait_and_start),
    Kind("broker stopped briefly", 5, (1, 8), "kafka", _stop, _continue),
    Kind("store killed", 8, (0, 3), "clickhouse", _kill, _start),
    Kind("store restarted", 6, (0.5, 5), "clickhouse", _ask_to_end, _wait_and_start),
    Kind("store stopped briefly", 5, (1, 8), "clickhouse", _stop, _continue),
    Kind("answers of inserts lost", 10, (0, 0), "clickhouse", _lose_answers, _nothing),
    Kind("inserts cut off", 6, (0, 0), "clickhouse", _cut_requests, _nothing),
    Kind("store slow", 5, (3, 8), "clickhouse", _slow_down, _speed_up),
)


@dataclass(frozen=True)
class Disturbance:
    """One disturbance, when it begins after the start, how long it lasts, and a number that picks its target."""

    kind: Kind
    at_seconds: float
    lasts_seconds: float
    pick: float


def schedule(seed: int, count: int, seconds: float, kinds: Sequence[Kind] = KINDS) -> list[Disturbance]:
    """`count` disturbances spread over `seconds`; each kind once before any comes twice."""
    chance = random.Random(seed)
    chosen = chance.sample(kinds, min(count, len(kinds)))
    chosen += chance.choices(kinds, [kind.weight for kind in kinds], k=count - len(chosen))
    chance.shuffle(chosen)
    chosen = _in_turns(chosen)
    times = sorted(chance.uniform(0, seconds) for _ in chosen)
    return [
        Disturbance(kind, at, chance.uniform(*kind.seconds), chance.random())
        for kind, at in zip(chosen, times, strict=True)
    ]


def _in_turns(chosen: Sequence[Kind]) -> list[Kind]:
    """Let workers be added and removed in turns, so that there is always one to add or to remove."""
    by_name = {kind.name: kind for kind in KINDS}
    turns = itertools.cycle((by_name["worker added"], by_name["worker removed"]))
    return [next(turns) if kind.name in ("worker added", "worker removed") else kind for kind in chosen]
