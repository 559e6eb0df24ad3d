"""Whatever a producer packs, and however: every record is stored or dead-lettered, and the worker goes on."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import ConsumerRecord
from kafka import KafkaConsumer, KafkaProducer

from driftline_schemas.codec import MAX_HEADER_BYTES, MAX_RECORD_BYTES
from driftline_schemas.topics import MAX_MESSAGE_BYTES
from driftline_stream_processors.kafka.fetched import MAX_BATCH_BYTES, MAX_CHUNK_BYTES, install
from tests.stream_processors.harness import Installation, NotText, prediction, wait_for

COMPRESSIONS = ["gzip", "snappy", "lz4", "zstd"]


def _send(installation: Installation, compression: str, *values: bytes, **more: Any) -> None:
    """Write all values in one compressed batch."""

    async def send() -> None:
        async with AIOKafkaProducer(
            bootstrap_servers=installation.kafka,
            compression_type=compression,
            max_request_size=4 * MAX_BATCH_BYTES,
            max_batch_size=4 * MAX_BATCH_BYTES,
            linger_ms=200,
        ) as producer:
            topic = installation.topics.events.name
            sent = [await producer.send(topic, value, **{"key": b"fraud", **more}) for value in values]
            await asyncio.gather(*sent)

    asyncio.run(send())


def _stored(installation: Installation) -> set[str]:
    return {row[0] for row in installation.query("SELECT event_id FROM predictions")}


def test_every_compression_of_kafka_is_read(installation: Installation) -> None:
    with installation.worker():
        for compression in COMPRESSIONS:
            _send(installation, compression, *(prediction(f"{compression}-{n}") for n in range(20)))
        wait_for("all", lambda: installation.records_stored() == 80)
    assert len(_stored(installation)) == 80
    assert installation.query("SELECT count() FROM dead_letters") == [(0,)]


def test_a_header_may_have_any_name(installation: Installation) -> None:
    producer = KafkaProducer(bootstrap_servers=installation.kafka, acks="all", linger_ms=200)
    topic = installation.topics.events.name
    for number in range(30):
        name = NotText("odd") if number % 3 == 1 else "even"
        producer.send(
            topic, key=b"fraud", value=prediction(f"e{number}"), headers=[(name, b"x"), ("type", b"prediction")]
        )
        producer.send(topic, key=b"fraud", value=b"{not json", headers=[(name, b"x")])
        if number % 10 == 9:
            producer.flush(timeout=60)
    producer.close(timeout=10)
    with installation.worker():
        wait_for("all", lambda: installation.records_stored() == 60)
    assert len(_stored(installation)) == 30
    assert installation.query("SELECT reason, count() FROM dead_letters GROUP BY reason") == [("not-json", 30)]


def test_a_batch_that_unpacks_to_very_much_is_dead_lettered_as_it_is(installation: Installation) -> None:
    zeros = bytes(MAX_BATCH_BYTES // 2)
    bounded = ["gzip", "lz4", "zstd"]
    with installation.worker():
        _send(installation, "gzip", prediction("before"))
        for compression in bounded:
            _send(installation, compression, zeros, zeros, zeros)
        _send(installation, "gzip", prediction("after"))
        wait_for("all", lambda: installation.records_stored() == 2 + len(bounded))
    assert _stored(installation) == {"before", "after"}
    rows = installation.query("SELECT reason, error LIKE '%does not unpack to at most%', size_bytes FROM dead_letters")
    assert [tuple(row[:2]) for row in rows] == [("unknown-type", True)] * len(bounded)
    assert all(1_000 < row[2] < MAX_MESSAGE_BYTES for row in rows)


def test_of_a_record_that_only_compression_made_short_enough_the_beginning_is_kept(installation: Installation) -> None:
    long = b'{"a": "' + b"x" * (2 * MAX_MESSAGE_BYTES)
    with installation.worker():
        _send(installation, "zstd", long, headers=[("who", b"me"), ("h", bytes(MAX_MESSAGE_BYTES))])
        _send(installation, "zstd", prediction("after"), key=bytes(2 * MAX_MESSAGE_BYTES))
        _send(installation, "zstd", prediction("end"))
        wait_for("all", lambda: installation.records_stored() == 3)
    assert installation.query("SELECT DISTINCT reason FROM dead_letters") == [("too-large",)]
    consumer = KafkaConsumer(
        installation.topics.dead_letters.name,
        bootstrap_servers=installation.kafka,
        auto_offset_reset="earliest",
        consumer_timeout_ms=20_000,
    )
    second, first = sorted((next(consumer), next(consumer)), key=lambda record: len(record.value))  # of two partitions
    consumer.close()
    assert len(first.value) == MAX_RECORD_BYTES
    assert long.startswith(first.value)
    assert dict(first.headers)["driftline-cut"] == b"key 5, value %d, headers %d bytes" % (
        len(long),
        MAX_MESSAGE_BYTES + 10,
    )
    assert second.value == prediction("after")
    assert second.key == bytes(MAX_HEADER_BYTES)


def test_many_batches_that_each_unpack_to_much_are_taken_a_few_at_a_time(installation: Installation) -> None:
    big = bytes(MAX_RECORD_BYTES)
    for _ in range(count := 2 * MAX_CHUNK_BYTES // len(big)):
        _send(installation, "zstd", big)
    chunks = asyncio.run(_chunks(installation, count))
    assert sum(map(len, chunks)) == count
    assert max(sum(record.serialized_value_size for record in chunk) for chunk in chunks) <= MAX_CHUNK_BYTES
    offsets = [record.offset for chunk in chunks for record in chunk]
    assert offsets == sorted(set(offsets))


async def _chunks(installation: Installation, records: int) -> list[list[ConsumerRecord]]:
    """Read so many records as the worker's transport does."""
    install()
    chunks: list[list[ConsumerRecord]] = []
    async with AIOKafkaConsumer(
        installation.topics.events.name, bootstrap_servers=installation.kafka, auto_offset_reset="earliest"
    ) as consumer:
        while sum(map(len, chunks)) < records:
            fetched = await asyncio.wait_for(consumer.getmany(timeout_ms=1000), timeout=60)
            chunks += fetched.values()
    return chunks
