"""The ledger explains every offset and every event, and names what it cannot explain."""

import json
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from typer.testing import CliRunner, Result

from driftline.main import app
from driftline_schemas.topics import Topics
from tests.cli.conftest import insert
from tests.stream_processors.harness import NotText

SENT = {0: 30, 1: 20, 2: 0, 3: 5}
"""Records in each partition."""

pytestmark = pytest.mark.stack


@pytest.fixture
def client(kafka_address: str, topics: Topics, database_client: Client) -> Client:
    """A log, of which nothing is stored yet."""
    producer = KafkaProducer(bootstrap_servers=kafka_address)
    for partition, count in SENT.items():
        for _ in range(count):
            producer.send(topics.events.name, b"{}", partition=partition)
    producer.flush(30)
    producer.close()
    return database_client


def block(client: Client, partition: int, first_offset: int, last_offset: int, **columns: Any) -> None:
    """Store a block of single predictions, unless the columns say otherwise."""
    row = {"records": last_offset - first_offset + 1, **columns}
    row.setdefault("predictions", row["records"] - row.get("forwarded", 0))
    insert(client, "block_log", partition=partition, first_offset=first_offset, last_offset=last_offset, **row)


def store_everything(client: Client, **columns_of_the_first: Any) -> None:
    block(client, 0, 0, 29, **columns_of_the_first)
    block(client, 1, 0, 19)
    block(client, 3, 0, 4)


def ledger(*options: str) -> Result:
    return CliRunner().invoke(app, ["ledger", *options])


def account(exit_code: int) -> dict[str, Any]:
    result = ledger("--json")
    assert result.exit_code == exit_code, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def faults(client: Client) -> list[tuple[str, str, int]]:
    document = account(1)
    assert document["unexplained"] == sum(fault["count"] for fault in document["faults"])
    return [(fault["where"], fault["kind"], fault["count"]) for fault in document["faults"]]


def test_what_is_not_stored_yet_is_in_flight(client: Client) -> None:
    block(client, 0, 0, 9)
    block(client, 1, 0, 19)
    document = account(0)
    assert document["unexplained"] == 0
    assert [p["in_flight"] for p in document["partitions"]] == [20, 0, 0, 5]
    assert [p["high_watermark"] for p in document["partitions"]] == list(SENT.values())
    assert document["partitions"][1]["kinds"]["data_records"] == 20


@pytest.mark.usefixtures("client")
def test_the_tables_fit_a_terminal_and_end_with_the_total() -> None:
    result = ledger()
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert result.stdout.splitlines()[-1] == "unexplained: 0"


def test_a_record_in_no_block_is_missing(client: Client) -> None:
    block(client, 0, 0, 9)
    block(client, 0, 15, 29, records=14)
    assert faults(client) == [("partition 0", "missing", 6)]


def test_markers_of_transactions_are_no_records(client: Client, kafka_address: str, topics: Topics) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka_address, transactional_id=topics.prefix)
    producer.init_transactions()
    for _ in range(2):
        producer.begin_transaction()
        for _ in range(5):
            producer.send(topics.events.name, b"{}", partition=2)
        producer.commit_transaction()
    producer.close()
    block(client, 2, 0, 4)
    block(client, 2, 6, 10)
    block(client, 1, 0, 19)
    found = account(0)["partitions"][2]
    assert (found["high_watermark"], found["records"], found["empty"], found["in_flight"]) == (12, 10, 1, 1)


def test_where_kafkas_records_cannot_be_read_a_hole_stays_unexplained(
    client: Client, kafka_address: str, topics: Topics
) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka_address)
    for _ in range(3):
        producer.send(topics.events.name, b"{}", partition=2, headers=[(NotText("odd"), b"")])
    producer.flush(30)
    producer.close()
    store_everything(client)
    block(client, 2, 0, 0)
    block(client, 2, 2, 2)
    assert faults(client) == [("partition 2", "missing", 1)]


def test_records_that_retention_deleted_before_the_first_block_are_no_fault(
    client: Client, kafka_address: str, topics: Topics
) -> None:
    admin = KafkaAdminClient(bootstrap_servers=kafka_address)
    admin.delete_records({TopicPartition(topics.events.name, 0): 12})
    admin.close()
    block(client, 0, 0, 29, first_record=12, records=18)
    found = account(0)["partitions"][0]
    assert (found["low_watermark"], found["begins_at"], found["stored_offset"]) == (12, 12, 30)


def test_a_snapshot_ahead_of_the_blocks_is_a_fault(client: Client, topics: Topics) -> None:
    store_everything(client)
    insert(client, "snapshot", pipeline=f"{topics.prefix}worker", partition=1, next_offset=25)
    insert(client, "snapshot", pipeline="another", partition=0, next_offset=99)
    assert faults(client) == [("partition 1", "ahead", 5)]


def test_a_log_that_ends_before_what_is_stored_is_a_fault(client: Client) -> None:
    store_everything(client)
    block(client, 3, 5, 9)
    assert faults(client) == [("partition 3", "rewound", 5)]


class TestForwarded:
    def test_in_flight_elsewhere_is_no_fault(self, client: Client) -> None:
        block(client, 0, 0, 29, forwarded=4)
        block(client, 1, 0, 19, taken_over={0: 1})
        account(0)  # the 5 records of partition 3 are not stored yet
        block(client, 3, 0, 4, taken_over={0: 2})
        assert faults(client) == [("partition 0", "not-taken-over", 1)]

    def test_taken_before_its_origin_is_stored_is_no_fault(self, client: Client) -> None:
        block(client, 0, 0, 9)
        block(client, 1, 0, 19, taken_over={0: 20})
        account(0)
        block(client, 0, 10, 29, forwarded=18)
        block(client, 3, 0, 4)
        assert faults(client) == [("partition 0", "foreign", 2)]


class TestEmitters:
    def report(self, client: Client, emitter: str, sent: int, **columns: Any) -> None:
        row = {"model": "fraud", "emitter": emitter, "logged": sent, "sent": sent, "partition": 0, "timestamp": 1}
        insert(client, "emitter_report_log", **{**row, "offset": 25, **columns})
        insert(client, "emitter_arrival_log", model="fraud", emitter=emitter, partition=0, first_offset=0,
               last_offset=20, events=100)  # fmt: skip

    def test_an_emitter_whose_events_arrived(self, client: Client) -> None:
        self.report(client, "honest", 100, dropped={"queue-full": 3})
        (found,) = account(0)["emitters"]
        assert (found["sent"], found["arrived"], found["unexplained"]) == (100, 100, 0)
        assert found["dropped"] == {"queue-full": 3}

    def test_a_lossy_one_is_named(self, client: Client) -> None:
        self.report(client, "honest", 100)
        self.report(client, "host:17:\x1b[2J", 107)
        assert faults(client) == [("emitter host:17:\x1b[2J of model fraud", "emitter", 7)]
        result = ledger()
        assert result.exit_code == 1
        assert "host:17:\\x1b[2J of model fraud: Kafka confirmed 7 events" in " ".join(result.stdout.split())
        assert "\x1b" not in result.stdout
