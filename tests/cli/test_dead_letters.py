"""Dead letters are found, shown with their bytes, and given back into the log."""

import json
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from kafka import KafkaConsumer, KafkaProducer
from typer.testing import CliRunner, Result

from driftline.dead_letters import replay
from driftline.main import app
from driftline_schemas.topics import Topics
from tests.cli.conftest import insert

VALUE = '{"event_id": "x", "model": "fraud", "features": {"\x9b2J": 1}}'.encode()
ROWS = {
    (1, 7): ("invalid-field", "fraud", VALUE),
    (1, 9): ("not-json", "fraud", b"\xff{not \x1b[2J json"),
    (3, 0): ("not-json", None, b""),
}

_AT_99 = ("driftline-offset", b"99")

pytestmark = pytest.mark.stack


def driftline(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(app, ["dead-letters", *arguments], input=answer)


@pytest.fixture
def client(kafka_address: str, topics: Topics, database_client: Client) -> Client:
    """Three dead letters as a worker leaves them, one of them twice."""
    producer = KafkaProducer(bootstrap_servers=kafka_address)
    producer.send(topics.dead_letters.name, b"of another program", headers=[("driftline-offset", b"one")])
    for partition, offset in [*ROWS, (1, 7)]:
        producer.send(topics.dead_letters.name, **_dead_letter(topics, partition, offset))
    producer.flush(30)
    producer.close()
    for (partition, offset), (reason, key, value) in ROWS.items():
        row = {"reason": reason, "key": key or "", "error": "no", "size_bytes": len(value), "logged_at": 1000 * offset}
        insert(database_client, "dead_letter_log", partition=partition, offset=offset, **row)
    return database_client


def _dead_letter(topics: Topics, partition: int, offset: int) -> dict[str, Any]:
    reason, key, value = ROWS[partition, offset]
    headers = {
        "type": "prediction",
        "driftline-origin": "0:1",
        "driftline-reason": reason,
        "driftline-topic": topics.events.name,
        "driftline-partition": str(partition),
        "driftline-offset": str(offset),
    }
    return {
        "value": value,
        "key": key.encode() if key else None,
        "headers": [(name, text.encode()) for name, text in headers.items()],
    }


def events(kafka: str, topics: Topics) -> list[tuple[int, bytes | None, bytes, dict[str, bytes]]]:
    """Everything in the events topic."""
    consumer = KafkaConsumer(
        topics.events.name, bootstrap_servers=kafka, auto_offset_reset="earliest", consumer_timeout_ms=2_000
    )
    try:
        return sorted((record.partition, record.key, record.value, dict(record.headers)) for record in consumer)
    finally:
        consumer.close()


@pytest.mark.usefixtures("client")
class TestList:
    def test_filters(self) -> None:
        assert places() == ["1:9", "1:7", "3:0"]
        assert places("--reason", "not-json") == ["1:9", "3:0"]
        assert places("--model", "fraud", "--limit", "1") == ["1:9"]
        assert "1:7" in driftline("list").stdout

    def test_json_has_everything(self) -> None:
        row = json.loads(driftline("list", "--reason", "invalid-field", "--json").stdout)
        assert (row["place"], row["reason"], row["error"], row["key"]) == ("1:7", "invalid-field", "no", "fraud")
        assert (row["size_bytes"], row["became"], row["replayed_at"]) == (len(VALUE), "", None)


def places(*options: str) -> list[str]:
    result = driftline("list", *options, "--json")
    assert result.exit_code == 0, result.output
    return [json.loads(line)["place"] for line in result.stdout.splitlines()]


@pytest.mark.usefixtures("client")
class TestShow:
    def test_json_is_indented_and_cannot_command_the_terminal(self) -> None:
        result = driftline("show", "1:7")
        assert result.exit_code == 0, result.output
        assert '  "event_id": "x",' in result.stdout
        assert "header    type: prediction" in result.stdout
        assert "reason    invalid-field" in result.stdout
        assert '"\\x9b2J": 1' in result.stdout

    def test_other_bytes_are_shown_in_hexadecimal(self) -> None:
        result = driftline("show", "1:9")
        assert "00000000  ff 7b 6e 6f 74 20 1b 5b 32 4a 20 6a 73 6f 6e     .{not .[2J json\n" in result.stdout
        assert driftline("show", "3:0").exit_code == 0

    @pytest.mark.parametrize(("place", "words"), [("1:8", "no dead letter at 1:8"), ("1-7", "expected partition:off")])
    def test_what_is_not_there_is_one_line_and_exit_code_2(self, place: str, words: str) -> None:
        result = driftline("show", place)
        assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
        assert words in result.stderr


class TestReplay:
    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """No worker runs here; what one stores is inserted by the tests."""
        monkeypatch.setattr(replay, "WAIT_SECONDS", 0.1)

    def test_the_original_record_is_appended_once(self, client: Client, kafka_address: str, topics: Topics) -> None:
        result = driftline("replay", "--all", "--yes")
        assert result.exit_code == 1
        assert "not stored yet" in result.stdout
        assert "0 of 3 are taken" in result.stdout
        found = events(kafka_address, topics)
        assert len(found) == 3
        assert (3, None, b"", {"type": b"prediction", "driftline-replay": b"3:0"}) in found
        assert [row[1:] for row in found if row[2] == VALUE] == [
            (b"fraud", VALUE, {"type": b"prediction", "driftline-replay": b"1:7"})
        ]
        insert(client, "dead_letter_replay_log", partition=3, offset=0, replayed_partition=3, replayed_offset=5)
        insert(client, "block_log", partition=3, first_offset=0, last_offset=5, records=6)
        result = driftline("replay", "3:0")
        assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "3:0 was replayed before as 3:5: taken")
        assert len(events(kafka_address, topics)) == 3

    def test_what_became_of_each_is_told(self, client: Client) -> None:
        for offset in (7, 9):
            insert(client, "dead_letter_replay_log", partition=1, offset=offset, replayed_partition=0,
                   replayed_offset=10 + offset)  # fmt: skip
        insert(client, "dead_letter_log", partition=0, offset=19, reason="too-large", key="fraud")
        insert(client, "block_log", partition=0, first_offset=0, last_offset=18, records=19)
        result = driftline("replay", "1:7", "1:9")
        assert result.exit_code == 1
        assert "1:9 was replayed before as 0:19: in flight" in result.stdout
        insert(client, "block_log", partition=0, first_offset=19, last_offset=19, records=1)
        result = driftline("replay", "1:7", "1:9")
        assert "1:7 was replayed before as 0:17: taken\n" in result.stdout
        assert "1:9 was replayed before as 0:19: dead-lettered again (too-large)\n" in result.stdout

    @pytest.mark.usefixtures("client")
    def test_several_are_replayed_after_a_question_only(self, kafka_address: str, topics: Topics) -> None:
        result = driftline("replay", "--reason", "not-json", answer="n\n")
        assert "Replay 2 dead letters?" in result.stdout
        assert result.exit_code == 1
        assert events(kafka_address, topics) == []

    @pytest.mark.usefixtures("client")
    @pytest.mark.parametrize("arguments", [(), ("--all", "1:7"), ("--all", "--reason", "x")])
    def test_one_choice_is_needed(self, arguments: tuple[str, ...]) -> None:
        assert driftline("replay", *arguments).exit_code == 2

    @pytest.mark.usefixtures("client")
    def test_nothing_to_replay_is_well(self) -> None:
        result = driftline("replay", "--reason", "unknown-type")
        assert (result.exit_code, result.stdout) == (0, "There is no dead letter to replay.\n")

    def test_one_that_was_too_long_is_shown_as_far_as_it_was_kept_and_not_replayed(
        self, client: Client, kafka_address: str, topics: Topics
    ) -> None:
        producer = KafkaProducer(bootstrap_servers=kafka_address)
        letter = _dead_letter(topics, 1, 9)
        cut = ("driftline-cut", b"key 5, value 9000000, headers 0 bytes")
        producer.send(topics.dead_letters.name, value=b"beginning", headers=[*letter["headers"][:-1], _AT_99, cut])
        producer.flush(30)
        producer.close()
        insert(client, "dead_letter_log", partition=1, offset=99, reason="too-large", size_bytes=9_000_000)
        shown = driftline("show", "1:99").stdout
        assert "too long for this topic (key 5, value 9000000, headers 0 bytes); this is its beginning" in shown
        result = driftline("replay", "1:99")
        assert result.exit_code == 1
        assert "1:99 its bytes are not in the topic" in result.stdout
        assert f"lies only in {topics.events.name}" in result.stdout
        assert events(kafka_address, topics) == []

    def test_lost_bytes_are_told(self, client: Client) -> None:
        insert(client, "dead_letter_log", partition=2, offset=5, reason="not-json", logged_at=0)
        result = driftline("replay", "2:5")
        assert result.exit_code == 1
        assert "2:5 its bytes are not in the topic" in result.stdout
