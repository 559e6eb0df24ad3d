"""The steps by themselves: what is joined, where records go, when ticks are due, what is kept in a snapshot."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord
from faust.types.tuples import TP
from hypothesis import given
from hypothesis import strategies as st

from driftline_detectors import SnapshotError
from driftline_schemas import Outcome, Prediction
from driftline_schemas.events.base import Record
from driftline_stream_processors.block import Block, BlockLimits
from driftline_stream_processors.outbox import Message
from driftline_stream_processors.partition import PartitionPipeline
from driftline_stream_processors.position import Position
from driftline_stream_processors.state import PartitionState
from driftline_stream_processors.steps import route
from driftline_stream_processors.steps.decode import Rejected, decode
from driftline_stream_processors.steps.join import MAX_ORPHANS, MAX_REMEMBERED, Orphans, Recent, join, judge, served
from driftline_stream_processors.ticker import BLOCK_AGE_SECONDS, SILENCE_SECONDS, Ticker
from driftline_stream_processors.worker import Owned

LIMITS = BlockLimits(1000, 1 << 20)


def _record(offset: int = 0, value: bytes | None = b"{}", **headers: bytes | None) -> ConsumerRecord[Any, Any]:
    pairs = tuple((name.replace("_", "-"), text) for name, text in headers.items())
    return ConsumerRecord("driftline.events", 0, offset, 1_000, 1, None, value, None, 0, len(value or b""), pairs)


def _prediction(event_id: str, prediction: Any = "ok") -> Prediction:
    return Prediction(event_id=event_id, model="m", timestamp_ms=1, features={}, prediction=prediction)


def _outcome(event_id: str, label: Any = "ok", source: str = "") -> Outcome:
    return Outcome(event_id=event_id, model="m", label=label, timestamp_ms=2, source=source)


@given(st.binary(max_size=200), st.none() | st.binary(max_size=20), st.binary(max_size=20))
def test_no_bytes_stop_decoding(value: bytes, record_type: bytes | None, origin: bytes) -> None:
    record = _record(0, value, type=record_type, driftline_origin=origin)
    assert isinstance(decode(record), (Rejected, Record))
    assert route.origin(record) is None or origin.count(b":") == 1


def test_a_tombstone_is_dead_lettered() -> None:
    assert isinstance(decode(_record(0, None)), Rejected)


@pytest.mark.parametrize("nested", [b"[" * 10_000 + b"]" * 10_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000])
def test_deep_nesting_is_dead_lettered(nested: bytes) -> None:
    assert isinstance(decode(_record(0, nested)), Rejected)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.sampled_from(["", "a"])), max_size=30), st.data())
def test_the_join_is_the_same_in_any_cut(rows: list[tuple[bool, int, str]], data: st.DataObject) -> None:
    items = [
        (_prediction(str(n)) if is_prediction else _outcome(str(n), source=source), Position(0, offset, 0, 0))
        for offset, (is_prediction, n, source) in enumerate(rows)
    ]
    whole = join(list(items), Recent(), {}, Orphans())
    recent = Recent()
    orphans = Orphans()
    cut = data.draw(st.integers(0, len(items)))
    parts = join(items[:cut], recent, {}, orphans)
    parts += join(items[cut:], recent, {}, Orphans.restore(orphans.snapshot()))
    assert repr(parts) == repr(whole)  # NaN is not equal to itself


def test_an_outcome_never_sees_a_later_prediction() -> None:
    items: list[tuple[Prediction | Outcome, Position]] = [
        (_outcome("e"), Position(0, 5, 0, 0)),
        (_prediction("e"), Position(0, 9, 0, 0)),
    ]
    first, second = join(items, Recent(), {}, Orphans())
    assert first.served is None
    assert second.served is not None
    assert (second.at.offset, second.position) == (5, 9)


def test_the_latest_predictions_are_remembered() -> None:
    recent = Recent()
    for number in [*range(MAX_REMEMBERED + 5), 0]:
        recent.add(("m", str(number)), served(_prediction(str(number)), number))
    recent.forget_stored()
    assert len(recent) == MAX_REMEMBERED
    assert recent.get(("m", "0")) is not None
    assert recent.get(("m", "1")) is None


def test_orphans_are_bounded_and_the_oldest_goes() -> None:
    orphans = Orphans()
    for number in range(MAX_ORPHANS + 1):
        orphans.add(_outcome(str(number)), Position(0, number, 0, 0))
    assert len(orphans) == MAX_ORPHANS
    assert list(orphans.take(("m", "0"))) == []
    assert len(list(orphans.take(("m", "1")))) == 1


@pytest.mark.parametrize(
    ("prediction", "label", "error", "residual"),
    [
        ("ok", "ok", 0.0, None),
        ("ok", "fraud", 1.0, None),
        (True, True, 0.0, None),
        (True, "true", 0.0, None),
        (3.5, 3.0, 0.5, 0.5),
        (2.0, 3, 1.0, -1.0),
        ("3", 3, 0.0, None),
        ("ok", None, None, None),
    ],
)
def test_errors(prediction: Any, label: Any, error: float | None, residual: float | None) -> None:
    items: list[tuple[Prediction | Outcome, Position]] = [
        (_prediction("e", prediction), Position(0, 0, 0, 0)),
        (_outcome("e", label), Position(0, 1, 0, 0)),
    ]
    (judged,) = join(items, Recent(), {}, Orphans())
    assert [None if value != value else value for value in (judged.error, judged.residual)] == [error, residual]


def test_an_outcome_without_prediction_has_no_error() -> None:
    judged = judge(_outcome("e"), Position(0, 0, 0, 0), None, 0)
    assert judged.error != judged.error


def test_a_block_is_full_by_records_or_by_bytes() -> None:
    by_records = Block(0, 10, BlockLimits(2, 1 << 20))
    assert [by_records.count(_record(offset)) for offset in (10, 11)] == [False, True]
    assert by_records.token("t") == "t:0:10-11"
    by_bytes = Block(0, 0, BlockLimits(100, 5))
    assert [by_bytes.count(_record(offset, b"xyz")) for offset in (0, 1)] == [False, True]


def test_a_snapshot_that_is_none_is_refused() -> None:
    for blob in (b"", b"garbage", PartitionState(3, LIMITS).snapshot()[:-3]):
        with pytest.raises(SnapshotError):
            PartitionState.restore(blob)


def test_a_state_survives_its_snapshot() -> None:
    state = PartitionState(42, LIMITS)
    state.champions["m"] = "7"
    state.forwarded[3] = 99
    state.orphans.add(_outcome("e", source="s"), Position(0, 41, 0, 7))
    again = PartitionState.restore(state.snapshot())
    assert again.snapshot() == state.snapshot()
    assert (again.next_offset, again.limits, again.champions, again.forwarded) == (42, LIMITS, {"m": "7"}, {3: 99})


@dataclass
class _Log:
    """A log whose end the test sets, and what was sent to it."""

    end: int | None = 0
    sent: list[Message] = field(default_factory=list)
    now: float = 100.0

    def highwater(self, _tp: TP) -> int | None:
        return self.end

    async def send(self, message: Message) -> None:
        self.sent.append(message)


@dataclass
class _Owner:
    owned: dict[TP, Owned]


def _ticks(log: _Log, ticker: Ticker, seconds: float) -> int:
    before = len(log.sent)
    log.now += seconds
    asyncio.run(ticker.tick())
    return len(log.sent) - before


def _ticking(log: _Log) -> tuple[Ticker, PartitionPipeline]:
    state = PartitionState(0, LIMITS)
    pipeline = PartitionPipeline(0, state, LIMITS, None, None, log)  # type: ignore[arg-type]
    owner = _Owner({TP("driftline.events", 0): Owned(1, pipeline)})
    ticker = Ticker(owner, log, lambda: log, clock=lambda: log.now)  # type: ignore[arg-type, return-value]
    return ticker, pipeline


def _read(pipeline: PartitionPipeline, log: _Log, offset: int) -> None:
    pipeline.block.count(_record(offset))
    pipeline.state.next_offset = log.end = offset + 1


def test_an_open_block_is_ended_after_a_second_and_once() -> None:
    log = _Log()
    ticker, pipeline = _ticking(log)
    assert _ticks(log, ticker, 60) == 0, "an empty partition of no models needs no time"
    _read(pipeline, log, 0)
    assert _ticks(log, ticker, 0.1) == 0
    assert _ticks(log, ticker, BLOCK_AGE_SECONDS) == 1
    assert _ticks(log, ticker, BLOCK_AGE_SECONDS) == 0, "the tick is in the log and not yet read"
    assert log.sent[0].partition == 0
    assert dict(log.sent[0].headers)["type"] == b"tick"


def test_a_backlog_is_not_cut_by_time() -> None:
    log = _Log()
    ticker, pipeline = _ticking(log)
    _read(pipeline, log, 0)
    log.end = 500
    assert _ticks(log, ticker, 60) == 0


def test_silence_is_ticked_while_there_are_models() -> None:
    log = _Log()
    ticker, pipeline = _ticking(log)
    assert _ticks(log, ticker, 0) == 0
    pipeline.state.monitors.open("m", "1")
    assert _ticks(log, ticker, SILENCE_SECONDS - 0.1) == 0
    assert _ticks(log, ticker, 0.2) == 1
