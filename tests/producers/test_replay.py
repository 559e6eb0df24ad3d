import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftline_producers.replay import Columns, Record, Replay, ReplayOptions, ReplaySummary
from driftline_schemas import ConfigurationError, Unavailable, codec
from tests.producers.log import rows_of

OPTIONS = ReplayOptions(model="m", version="3")
CSV = "timestamp,amount,country,returning,prediction,label\n{}"
ROWS = [
    "2026-01-01T00:00:00Z,12.5,DE,true,ok,ok\n",
    "2026-01-01T00:00:01Z,,FR,false,fraud,\n",
    "2026-01-01T00:00:02Z,7,IT,TRUE,ok,fraud\n",
]

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        content = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
        return path

    return to_file


def read(path: Path, options: ReplayOptions = OPTIONS) -> tuple[ReplaySummary, list[Record]]:
    records: list[Record] = []
    return Replay(path, options).run(records.append), records


def documents(records: list[Record], kind: str) -> list[dict[str, Any]]:
    """What lies in the log, batches row by row."""
    batches = [orjson.loads(record.value) for record in records if record.kind == f"{kind}-batch"]
    return [row for batch in batches for row in rows_of(batch)]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_columns_without_a_role_are_features(write: Write, name: str) -> None:
    summary, records = read(write(name, CSV.format("".join(ROWS))))
    assert summary == ReplaySummary(rows=3, predictions=3, outcomes=2, others=0, bad_rows=0, reasons=())
    assert [(record.kind, record.events) for record in records] == [("prediction-batch", 3), ("outcome-batch", 2)]
    predictions, outcomes = documents(records, "prediction"), documents(records, "outcome")
    assert [p["features"] for p in predictions] == [
        {"amount": 12.5, "country": "DE", "returning": True},
        {"amount": None, "country": "FR", "returning": False},
        {"amount": 7, "country": "IT", "returning": True},
    ]
    assert {(p["model"], p["version"], p["prediction"]) for p in predictions} == {("m", "3", "ok"), ("m", "3", "fraud")}
    assert [p["timestamp_ms"] for p in predictions] == [1767225600000, 1767225601000, 1767225602000]
    assert [(o["event_id"], o["label"]) for o in outcomes] == [
        (predictions[0]["event_id"], "ok"),
        (predictions[2]["event_id"], "fraud"),
    ]


def test_the_three_kinds_of_file_say_the_same(write: Write, tmp_path: Path) -> None:
    rows = [{"x": 1.5, "s": "a", "prediction": 1, "label": 0}, {"x": None, "s": "b", "prediction": 0, "label": 1}]
    options = replace(OPTIONS, columns=Columns(event_id="s"))
    _, by_csv = read(write("a.csv", "x,s,prediction,label\n1.5,a,1,0\n,b,0,1\n"), options)
    _, by_json = read(write("a.jsonl", "\n".join(map(json.dumps, rows))), options)
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    _, by_parquet = read(tmp_path / "a.parquet", options)
    assert by_csv == by_json == by_parquet


def test_a_second_replay_is_the_same_records_and_another_file_other_ids(write: Write) -> None:
    first = read(write("a.csv", CSV.format(ROWS[0] * 3)))[1]
    assert read(write("b.csv", CSV.format(ROWS[0] * 3)))[1] == first
    other = read(write("c.csv", CSV.format(ROWS[0] * 2)))[1]
    ids = [document["event_id"] for document in documents(first + other, "prediction")]
    assert len(set(ids)) == 5


def test_outcomes_follow_after_the_delay_and_at_its_time(write: Write) -> None:
    rows = "".join(f"{number},{number}\n" for number in range(5))
    options = replace(OPTIONS, label_delay_events=2, start_ms=1000, step_ms=10)
    _, records = read(write("a.csv", "prediction,label\n" + rows), options)
    assert [p["timestamp_ms"] for p in documents(records, "prediction")] == [1000, 1010, 1020, 1030, 1040]
    assert [(o["label"], o["timestamp_ms"]) for o in documents(records, "outcome")] == [
        (0, 1020),
        (1, 1030),
        (2, 1040),
        (3, 1040),
        (4, 1040),
    ]


@pytest.mark.parametrize("delay_events", [0, 48, 5_000])
def test_no_outcome_overtakes_its_prediction_and_each_kind_keeps_its_order(write: Write, delay_events: int) -> None:
    rows = "".join(f"{number},{number},{number}\n" for number in range(3_000))
    options = replace(OPTIONS, label_delay_events=delay_events)
    summary, records = read(write("a.csv", "event_id,prediction,label\n" + rows), options)
    assert (summary.predictions, summary.outcomes) == (3_000, 3_000)
    known: set[str] = set()
    for record in records:
        ids = orjson.loads(record.value)["event_id"]
        known |= set(ids) if record.kind == "prediction-batch" else set()
        assert set(ids) <= known
    for kind in ("prediction", "outcome"):
        assert [int(document["event_id"]) for document in documents(records, kind)] == list(range(3_000))
    assert len(records) <= 20


def test_a_paced_replay_hands_over_in_time_what_it_has_read(write: Write) -> None:
    path = write("a.csv", "prediction\n" + "1\n" * 4)
    _, records = read(path, replace(OPTIONS, rate_per_second=8.0))  # 125 ms between rows
    assert [record.events for record in records] == [1, 1, 1, 1]


def test_bad_rows_are_left_out_and_told(write: Write) -> None:
    good = "".join(f"{number},a,1\n" for number in range(1000))  # decides what the columns hold
    bad = "n/a,a,1\n1,a\n1,a,\n1,a,nan\n"
    summary, records = read(write("a.csv", "age,country,prediction\n" + good + bad + "5,b,0\n"))
    assert (summary.rows, summary.predictions, summary.bad_rows) == (1005, 1001, 4)
    assert len(documents(records, "prediction")) == 1001
    assert summary.reasons[:2] == (
        "row 1001: column 'age': 'n/a' is not a number",
        "row 1002: 2 cells where the header has 3",
    )
    assert all(reason.startswith("row 100") and "prediction" in reason for reason in summary.reasons[2:])


def test_records_of_the_contract_pass_through(write: Write) -> None:
    lines: list[dict[str, Any]] = [
        {"event_id": "1", "model": "other", "timestamp_ms": 1, "features": {"x": 1}, "prediction": 1},
        {"type": "outcome", "event_id": "1", "label": 0, "timestamp_ms": 2},
        {"type": "outcome-batch", "model": "other", "event_id": ["1"], "label": [0], "timestamp_ms": 3},
        {"type": "model-spec", "model": "other", "timestamp_ms": 4},
        {"type": "tick"},
        {"type": "outcome", "event_id": "", "label": 0, "timestamp_ms": 2},
    ]
    summary, records = read(write("a.ndjson.gz", "\n\n".join(map(json.dumps, lines)) + "\nnot json\n[]"))
    assert summary.rows == 8
    assert (summary.predictions, summary.outcomes, summary.others, summary.bad_rows) == (1, 2, 1, 4)
    assert [(r.kind, r.model) for r in records] == [
        ("prediction-batch", "other"),
        ("outcome-batch", "m"),
        ("outcome-batch", "other"),
        ("model-spec", "other"),
    ]


def test_parquet_times_are_times_and_a_missing_label_is_no_outcome(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    table = pa.table(
        {
            "timestamp": pa.array([moment, moment], pa.timestamp("us", tz="UTC")),
            "born": pa.array([moment.date()] * 2),
            "prediction": ["a", "b"],
            "label": [float("nan"), None],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    summary, records = read(tmp_path / "a.parquet")
    assert (summary.predictions, summary.outcomes, summary.bad_rows) == (2, 0, 0)
    assert documents(records, "prediction")[0]["timestamp_ms"] == 1767225600000
    assert documents(records, "prediction")[0]["features"] == {"born": "2026-01-01"}


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (ReplayOptions(), "model"),
        (replace(OPTIONS, columns=Columns(label="truth")), "'truth'.*there are a, b"),
        (OPTIONS, "no column 'prediction'.*there are a, b"),
    ],
)
def test_a_missing_column_or_model_is_told_with_what_there_is(write: Write, options: ReplayOptions, named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        read(write("a.csv", "a,b\n1,2\n"), options)


def test_files_that_are_not_there_not_known_or_damaged(write: Write, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"nowhere\.csv"):
        Replay(tmp_path / "nowhere.csv", OPTIONS)
    with pytest.raises(ConfigurationError, match=r"\.xlsx"):
        Replay(tmp_path / "a.xlsx", OPTIONS)
    with pytest.raises(Unavailable, match="damaged"):
        read(write("a.parquet", b"PAR1 no parquet"))
    whole = gzip.compress(b"prediction\n" + b"1\n" * 100_000)
    path = write("a.csv", "")
    cut = path.with_suffix(".csv.gz")
    cut.write_bytes(whole[:-20])
    with pytest.raises(Unavailable, match="damaged"):
        read(cut)


@given(content=st.binary(max_size=300), name=st.sampled_from(["a.csv", "a.jsonl"]))
def test_any_bytes_are_records_of_the_contract_bad_rows_or_a_damaged_file(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(b"prediction,label\n" + content if name == "a.csv" else content)
    try:
        summary, records = read(path)
    except (Unavailable, ConfigurationError):
        return
    assert summary.predictions + summary.outcomes + summary.others == sum(record.events for record in records)
    assert summary.rows >= summary.bad_rows >= len(summary.reasons)
    for record in records:
        codec.decode(record.kind, record.value)
