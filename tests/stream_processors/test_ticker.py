"""Ticks: when the owner of a partition says that time has passed."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from faust.types.tuples import TP

from driftline_stream_processors.partition import PartitionPipeline
from driftline_stream_processors.storage.block import Block
from driftline_stream_processors.ticker import BLOCK_AGE_SECONDS, SILENCE_SECONDS, Ticker
from driftline_stream_processors.worker import Owned
from tests.stream_processors.made import Empty, pipeline, record


@dataclass
class _Owner:
    owned: dict[TP, Owned]


def _ticks(log: Empty, ticker: Ticker, seconds: float) -> int:
    before = len(log.sent)
    log.now += seconds
    asyncio.run(ticker.tick())
    return len(log.sent) - before


def _ticking(log: Empty) -> tuple[Ticker, PartitionPipeline]:
    read = pipeline(log)
    owner: Any = _Owner({TP("driftline.events", 0): Owned(1, read)})
    stub: Any = log
    return Ticker(owner, stub, lambda: stub, clock=lambda: log.now), read


def _read(read: PartitionPipeline, log: Empty, offset: int) -> None:
    read.block.count([record(offset)], 2)
    read.state.next_offset = log.end = offset + 1


def test_an_open_block_is_ended_after_a_second_and_once() -> None:
    log = Empty()
    ticker, read = _ticking(log)
    assert _ticks(log, ticker, 60) == 0, "an empty partition of no models needs no time"
    _read(read, log, 0)
    assert _ticks(log, ticker, 0.1) == 0
    assert _ticks(log, ticker, BLOCK_AGE_SECONDS) == 1
    assert _ticks(log, ticker, BLOCK_AGE_SECONDS) == 0, "the tick is in the log and not yet read"
    assert log.sent[0].partition == 0
    assert dict(log.sent[0].headers)["type"] == b"tick"


def test_a_backlog_is_not_cut_by_time() -> None:
    log = Empty()
    ticker, read = _ticking(log)
    _read(read, log, 0)
    log.end = 500
    assert _ticks(log, ticker, 60) == 0


@dataclass
class _Slow(Empty):
    """A store that has a block only when the test says so."""

    has_stored: asyncio.Event = field(default_factory=asyncio.Event)

    async def insert(self, block: Block) -> None:
        await self.has_stored.wait()


def test_no_block_is_ended_while_the_one_before_is_being_stored() -> None:
    async def run() -> list[int]:
        log = _Slow()
        ticker, read = _ticking(log)
        await read.keeper.keep(read.block, None)
        _read(read, log, 0)
        await ticker.tick()
        log.now += BLOCK_AGE_SECONDS
        await ticker.tick()
        while_storing = len(log.sent)
        log.has_stored.set()
        await read.keeper.stored()
        await ticker.tick()
        return [while_storing, len(log.sent)]

    assert asyncio.run(run()) == [0, 1]


def test_silence_is_ticked_while_there_are_models() -> None:
    log = Empty()
    ticker, read = _ticking(log)
    assert _ticks(log, ticker, 0) == 0
    read.state.monitors.open("m", "1")
    assert _ticks(log, ticker, SILENCE_SECONDS - 0.1) == 0
    assert _ticks(log, ticker, 0.2) == 1


def test_a_state_that_was_too_dear_to_store_gets_another_occasion() -> None:
    log = Empty()
    ticker, read = _ticking(log)
    _read(read, log, 0)
    assert _ticks(log, ticker, 0) == 0
    assert _ticks(log, ticker, BLOCK_AGE_SECONDS) == 1
    _read(read, log, 1)  # the tick, at which no snapshot was due
    read.block = Block(0, 2, read.state.limits)
    assert _ticks(log, ticker, SILENCE_SECONDS) == 1
    _read(read, log, 2)
    read.block = Block(0, 3, read.state.limits)
    read.keeper.stored_offset = 3
    assert _ticks(log, ticker, 60) == 0
