"""Reads what lies in a topic."""

import time
from typing import Any

import orjson
from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

READ_TIMEOUT_SECONDS = 30.0


def read_log(kafka: str, topic: str) -> list[ConsumerRecord]:
    """Every record of a topic, by partition and offset."""
    consumer = KafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False)
    try:
        partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic))]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        records: list[ConsumerRecord] = []
        deadline = time.monotonic() + READ_TIMEOUT_SECONDS
        while any(consumer.position(partition) < end for partition, end in ends.items()):
            assert time.monotonic() < deadline, f"{topic} could not be read in {READ_TIMEOUT_SECONDS:.0f} s"
            for chunk in consumer.poll(timeout_ms=200).values():
                records.extend(chunk)
    finally:
        consumer.close()
    return sorted(records, key=lambda record: (record.partition, record.offset))


def of_type(records: list[ConsumerRecord], name: str) -> list[dict[str, Any]]:
    """The documents of one record type, in order; batches of it row by row."""
    documents = []
    for record in records:
        kind = dict(record.headers)["type"].decode()
        if kind == name:
            documents.append(orjson.loads(record.value))
        elif kind == f"{name}-batch":
            documents += rows_of(orjson.loads(record.value))
    return documents


def rows_of(batch: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a batch as documents of their own."""
    return [_row(batch, number) for number in range(len(batch["event_id"]))]


def _row(columns: dict[str, Any], number: int) -> dict[str, Any]:
    cells = {}
    for name, column in columns.items():
        if isinstance(column, dict):
            cells[name] = _row(column, number)
        else:
            cells[name] = column[number] if isinstance(column, list) else column
    return cells
