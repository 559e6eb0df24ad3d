"""The pipeline's law: however the log is cut into chunks, the same block, the same messages, the same state."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from driftline_stream_processors.kafka.outbox import Message
from driftline_stream_processors.memory.limits import BlockLimits
from driftline_stream_processors.memory.state import PartitionState
from driftline_stream_processors.partition import PartitionPipeline
from driftline_stream_processors.storage.block import Block
from driftline_stream_processors.storage.event_tables import outcome_table, prediction_table
from driftline_stream_processors.storage.figure_tables import reading_table, window_table
from driftline_stream_processors.storage.snapshot import encode
from tests.chaos.generator import generated_log
from tests.stream_processors.made import TOPICS, Empty, event, pipeline, record

ENDLESS = BlockLimits(10**9, 1 << 60)


def _log(seed: int, events: int) -> list[Any]:
    sent = generated_log(seed, events)
    return [record(n, each.value, 1_000 + n, **dict(each.headers)) for n, each in enumerate(sent)]


LOG = _log(seed=6, events=4000)  # windows of 500 end


def _process(cuts: list[int], restore: bool = False) -> tuple[Empty, PartitionPipeline]:
    around = Empty()
    whole = pipeline(around, ENDLESS)
    for start, stop in zip([0, *cuts], [*cuts, len(LOG)], strict=True):
        if restore:
            recent = whole.state.recent  # a worker fills it from the store
            whole.state = PartitionState.restore(whole.state.snapshot(), 0)
            whole.state.recent = recent
        if start < stop:
            asyncio.run(whole.process(LOG[start:stop]))
    return around, whole


def _content(around: Empty, block: Block) -> tuple[Any, ...]:
    """Rows of all tables and all messages, each in an order of its own: chunks decide only in which order they come."""
    rows = {table.name: sorted(map(repr, rows)) for table, rows in block.rows.items()}
    rows["predictions"] = sorted(map(repr, prediction_table(block.predictions).to_pylist()))
    rows["outcomes"] = sorted(map(repr, outcome_table(block.judged).to_pylist()))
    rows["windows"] = sorted(map(repr, window_table(block.windows).to_pylist()))
    rows["readings"] = sorted(map(repr, reading_table(block.readings).to_pylist()))
    return rows, sorted(map(_readable, around.sent)), block.ledger_row()


def _readable(message: Message) -> str:
    return repr((message.topic, message.key, message.value, message.headers))


WHOLE = _process([])


@settings(max_examples=5, deadline=None, phases=[Phase.generate])  # to shrink a log takes too long
@given(st.sets(st.integers(1, len(LOG) - 1), max_size=40), st.booleans())
def test_any_cut_and_any_restart_gives_the_same(cuts: set[int], restore: bool) -> None:
    around, cut = _process(sorted(cuts), restore)
    assert _content(around, cut.block) == _content(WHOLE[0], WHOLE[1].block)
    assert encode(cut.state.snapshot()) == encode(WHOLE[1].state.snapshot())


@pytest.mark.timeout(120)
def test_one_by_one_gives_the_same() -> None:
    around, single = _process(list(range(1, len(LOG))))
    assert _content(around, single.block) == _content(WHOLE[0], WHOLE[1].block)
    assert encode(single.state.snapshot()) == encode(WHOLE[1].state.snapshot())


def test_the_log_finds_something() -> None:
    _, whole = WHOLE
    counts = whole.block.counts
    assert counts["joined"] > 500
    assert len(whole.block.windows) >= 2
    assert len(whole.block.readings) >= 2
    assert counts["orphans"] > 50
    assert counts["dead_letters"] > 5
    assert {"drift_log", "alert_log", "dead_letter_log"} <= {table.name for table in whole.block.rows}
    assert whole.block.records == sum(
        counts[name] for name in ("data_records", "dead_letters", "forwarded", "duplicates", "ticks", "controls")
    )


def test_a_batch_is_the_same_as_its_events_one_by_one() -> None:
    def run(records: list[Any]) -> tuple[PartitionPipeline, list[Any]]:
        around = Empty()
        whole = pipeline(around, ENDLESS)
        asyncio.run(whole.process(records))
        rows = list(
            map(repr, prediction_table(whole.block.predictions).drop(["offset", "row", "logged_at"]).to_pylist())
        )
        return whole, rows

    values = [n / 7 for n in range(300)]
    common = {"model": "m", "version": "2", "prediction": "ok"}
    singles = [
        event(n, "prediction", event_id=str(n), timestamp_ms=n, features={"x": x}, **common)
        for n, x in enumerate(values)
    ]
    ids, times = [str(n) for n in range(300)], list(range(300))
    batch = event(0, "prediction-batch", event_id=ids, timestamp_ms=times, features={"x": values}, **common)
    (one, one_rows), (many, many_rows) = run([batch]), run(singles)
    assert one_rows == many_rows
    drifts = [[row[:8] for row in each.block.rows.get("drift_log", [])] for each in (one, many)]  # type: ignore[call-overload]
    assert drifts[0] == drifts[1]


async def _stored(whole: PartitionPipeline, records: list[Any]) -> None:
    await whole.process(records)
    await whole.keeper.stored()


def test_a_block_ends_where_its_limits_say() -> None:
    around = Empty()
    asyncio.run(_stored(pipeline(around, BlockLimits(2, 1 << 20)), [record(n) for n in range(5)]))
    assert [block.token("t") for block in around.stored] == ["t:0:0-1", "t:0:2-3"]
    around = Empty()
    asyncio.run(_stored(pipeline(around, BlockLimits(100, 5)), [record(n, b"xyz") for n in range(4)]))
    assert [block.token("t") for block in around.stored] == ["t:0:0-1", "t:0:2-3"]


def test_a_replayed_dead_letter_and_a_forwarded_record_are_taken_once() -> None:
    around = Empty()
    whole = pipeline(around, ENDLESS)
    value = json.dumps({"event_id": "e", "model": "m", "timestamp_ms": 1, "features": {}, "prediction": "ok"}).encode()
    replayed = [record(n, value, driftline_replay=b"0:7") for n in (10, 11)]
    forwarded = [record(n, value.replace(b'"e"', b'"f"'), driftline_origin=b"3:7") for n in (12, 13)]
    asyncio.run(whole.process(replayed + forwarded))
    assert whole.block.counts["predictions"] == 2
    assert whole.block.counts["duplicates"] == 2
    assert whole.block.counts["repeated"] == 0
    assert dict(whole.block.taken_over) == {3: 1}


def test_emitters_are_counted_by_what_arrived() -> None:
    whole = pipeline(Empty(), ENDLESS)
    good = json.dumps(
        {"event_id": ["a", "b"], "model": "m", "timestamp_ms": 1, "features": {}, "prediction": 1}
    ).encode()
    headers: Any = {"type": b"prediction-batch", "emitter": b"host:1", "events": b"2"}
    report = {"model": "m", "emitter": "host:1", "timestamp_ms": 1, "logged": 5, "sent": 5}
    asyncio.run(
        whole.process(
            [
                record(0, good, **headers),
                record(1, good, **headers),
                record(2, b"{", **headers),
                record(3, json.dumps(report).encode(), type=b"emitter-report"),
            ]
        )
    )
    assert {tuple(emitter): dict(counts) for emitter, counts in whole.block.emitters.items()} == {
        ("m", "host:1"): {"events": 4, "repeated": 2},
        ("", "host:1"): {"events": 2, "dead_letters": 2},
    }
    reports = next(rows for table, rows in whole.block.rows.items() if table.name == "emitter_report_log")
    assert reports[0][9] == 4


def _alerts(around: Empty) -> list[dict[str, Any]]:
    return [json.loads(message.value or b"") for message in around.sent if message.topic == TOPICS.alerts.name]


def test_a_change_of_errors_names_the_prediction_at_its_change_point() -> None:
    """Labels come ten events late, and none is right from the 1,500th on."""
    around = Empty()
    ids = [f"e{number}" for number in range(2000)]
    times = [60_000 + number for number in range(2000)]
    common = {"model": "m", "version": "1"}
    log: list[Any] = []
    for begin in range(0, 2000, 100):
        rows = slice(begin, begin + 100)
        batch = {"event_id": ids[rows], "timestamp_ms": times[rows], "features": {}, "prediction": "ok"}
        log.append(event(len(log), "prediction-batch", **common, **batch))
        labels = ["ok" if number < 1500 else "fraud" for number in range(begin, begin + 100)]
        told = {"event_id": ids[rows], "timestamp_ms": 10**6 + begin, "label": labels}
        log.append(event(len(log), "outcome-batch", model="m", **told))
    asyncio.run(pipeline(around, ENDLESS).process(log))
    alert, *_ = [each for each in _alerts(around) if each["kind"] == "concept-drift"]
    point = alert["change_point"]
    assert abs(ids.index(point["event_id"]) - 1500) <= 64
    assert point["timestamp_ms"] == times[ids.index(point["event_id"])]


def test_a_silence_is_critical_and_its_end_is_for_information() -> None:
    around = Empty()

    def at(offset: int, time_ms: int, record_type: str, **document: Any) -> Any:
        return record(offset, json.dumps(document).encode(), time_ms, type=record_type.encode())

    def prediction(name: str) -> dict[str, Any]:
        return {"event_id": name, "model": "m", "timestamp_ms": 1, "features": {}, "prediction": "ok"}

    log = [
        at(0, 1_000, "model-spec", model="m", timestamp_ms=1, silence_minutes=1),
        at(1, 1_000, "prediction", **prediction("a")),
        at(2, 90_000, "tick", timestamp_ms=90_000),
        at(3, 841_000, "prediction", **prediction("b")),
        at(4, 850_000, "tick", timestamp_ms=850_000),
    ]
    asyncio.run(_stored(pipeline(around, ENDLESS), log))
    silence, end = _alerts(around)
    assert (silence["kind"], silence["severity"]) == ("silence", "critical")
    assert (end["kind"], end["severity"], end["change_point"]["offset"]) == ("silence", "info", 3)
    assert end["message"] == "m: predictions again after 14 min, since 1970-01-01 00:14 UTC (silence-end)"
    assert not [message for message in around.sent if message.topic == TOPICS.retrains.name]


def test_what_stops_while_the_model_goes_on_is_named_in_a_warning() -> None:
    around, minute_ms = Empty(), 60_000
    log: list[Any] = []

    def add(at_ms: int, record_type: str, **document: Any) -> None:
        log.append(record(len(log), json.dumps(document).encode(), at_ms, type=record_type.encode()))

    def predict(at_ms: int, version: str, plans: list[str]) -> None:
        ids = [f"{version}-{at_ms}-{row}" for row in range(len(plans))]
        rows: dict[str, Any] = {"event_id": ids, "timestamp_ms": [at_ms] * len(ids), "segment": {"plan": plans}}
        add(at_ms, "prediction-batch", model="m", version=version, features={}, prediction="ok", **rows)

    add(0, "model-spec", model="m", timestamp_ms=1, segments=["plan"])
    for at_ms in range(minute_ms, 2 * 24 * 60 * minute_ms, 10 * minute_ms):
        goes_on = at_ms < 40 * 60 * minute_ms
        predict(at_ms, "3", ["basic"] * 9 + ["pro"] * 9 * goes_on)
        if goes_on:
            predict(at_ms + 1, "4", ["basic"] * 6)
        add(at_ms + 2, "tick", timestamp_ms=at_ms + 2)
    asyncio.run(_stored(pipeline(around, ENDLESS), log))
    segment, version = _alerts(around)
    assert (segment["kind"], segment["severity"], segment["segment"]) == ("silence", "warning", {"plan": "pro"})
    since = "since 1970-01-02 15:51 UTC (silence)"
    assert segment["message"] == f"m: no predictions for 40 min (28 are usual in this time), where plan=pro {since}"
    assert (version["version"], version["severity"], version["segment"]) == ("4", "warning", {})
    assert version["message"] == f"m 4: no predictions for 50 min (25 are usual in this time), {since}"
