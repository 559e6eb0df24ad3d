"""The rows of the detection benchmark that go through Kafka, on one seed."""

from benchmarks.detection import through_kafka

from driftline_schemas.settings import ClickHouseAddress


def test_late_lost_and_repeated_labels(kafka_address: str, clickhouse_address: ClickHouseAddress) -> None:
    figures = through_kafka.measure("late-labels-kafka", [0], kafka_address, clickhouse_address)
    assert figures.within(through_kafka.LAG + 500) == 1
    assert (figures.false, figures.wrong) == (0, 0)
