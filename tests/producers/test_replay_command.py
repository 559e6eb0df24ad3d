import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from driftline.commands.replay import replay
from driftline_producers.replay import WaitingProducer
from driftline_schemas import Unavailable
from driftline_schemas.topics import Topics
from tests.producers.log import of_type, read_log

app = typer.Typer()
app.command()(replay)


@pytest.fixture(autouse=True)
def addresses(kafka_address: str, topics: Topics, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTLINE_KAFKA", kafka_address)
    monkeypatch.setenv("DRIFTLINE_TOPIC_PREFIX", topics.prefix)


def test_everything_lies_in_the_log_in_order(kafka_address: str, topics: Topics, tmp_path: Path) -> None:
    path = tmp_path / "past.csv"
    path.write_text("x,said,truth\n" + "".join(f"{number},{number % 2},1\n" for number in range(20_000)))
    command = [str(path), "--model", "m", "--prediction", "said", "--label", "truth", "--label-delay", "48", "--json"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    assert (summary["predictions"], summary["outcomes"], summary["bad_rows"]) == (20_000, 20_000, 0)
    records = read_log(kafka_address, topics.events.name)
    predictions, outcomes = of_type(records, "prediction"), of_type(records, "outcome")
    assert [prediction["features"] for prediction in predictions] == [{"x": number} for number in range(20_000)]
    assert [outcome["event_id"] for outcome in outcomes] == [prediction["event_id"] for prediction in predictions]
    assert len({record.partition for record in records}) == 1


def test_bad_rows_are_told_and_make_the_exit_code_1(tmp_path: Path) -> None:
    path = tmp_path / "past.jsonl"
    path.write_text('{"prediction": 1}\n{"prediction": null}\n')
    result = CliRunner().invoke(app, [str(path), "--model", "m"])
    assert result.exit_code == 1
    assert "2 rows: sent 1 predictions, 0 outcomes; 1 bad rows" in result.output
    assert "row 2: prediction" in result.output


def test_a_missing_topic_is_told(kafka_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("driftline_producers.replay._producer.CONNECT_SECONDS", 1.0)
    with pytest.raises(Unavailable, match="driftline setup"):
        WaitingProducer(kafka_address, "driftline-is-not-set-up")


def test_nobody_there() -> None:
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1"):
        WaitingProducer("127.0.0.1:1", "driftline.events")
