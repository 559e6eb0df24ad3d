"""Reads what lies in a topic."""

import time

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


def of_type(records: list[ConsumerRecord], name: str) -> list[dict[str, object]]:
    """The documents of one record type, in order."""
    return [orjson.loads(record.value) for record in records if dict(record.headers)["type"] == name.encode()]
