CREATE TABLE IF NOT EXISTS dead_letter_log
(
    reason      LowCardinality(String) COMMENT 'Why the record was refused, as a short code.',
    error       String COMMENT 'What was wrong with it.' CODEC(ZSTD(1)),
    record_type LowCardinality(String) COMMENT 'Type that its header claims; empty without one.',
    key         String COMMENT 'Its key.' CODEC(ZSTD(1)),
    size_bytes  UInt64 COMMENT 'Size of its value; the bytes themselves are in the dead-letters topic.' CODEC(ZSTD(1)),
    partition   UInt16 COMMENT 'Partition of the events topic.',
    offset      UInt64 COMMENT 'Offset of the record in its partition.' CODEC(Delta(8), ZSTD(1)),
    logged_at   DateTime64(3, 'UTC') COMMENT 'When Kafka appended the record.' CODEC(Delta(8), ZSTD(1)),
    ingested_at DateTime DEFAULT now() COMMENT 'When the row was stored; retention counts from here.' CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(logged_at)
ORDER BY (partition, offset)
TTL ingested_at + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'Every record that could not be read, and why. Kept 90 days from its storage.';

CREATE TABLE IF NOT EXISTS block_log
(
    partition       UInt16 COMMENT 'Partition of the events topic.',
    first_offset    UInt64 COMMENT 'First offset of the block.' CODEC(Delta(8), ZSTD(1)),
    last_offset     UInt64 COMMENT 'Last offset of the block.' CODEC(Delta(8), ZSTD(1)),
    records         UInt64 COMMENT 'Offsets in the block.',
    predictions     UInt64 COMMENT 'Predictions stored.',
    outcomes        UInt64 COMMENT 'Outcomes stored.',
    joined          UInt64 COMMENT 'Outcomes whose prediction was found.',
    orphans         UInt64 COMMENT 'Outcomes without a prediction so far.',
    dead_letters    UInt64 COMMENT 'Records that could not be read.',
    forwarded       UInt64 COMMENT 'Records sent on to the partition their model belongs to.',
    duplicates      UInt64 COMMENT 'Forwarded records that had been taken over before.',
    ticks           UInt64 COMMENT 'Ticks of the worker.',
    controls        UInt64 COMMENT 'Specifications, promotions and emitter reports.',
    first_logged_at DateTime64(3, 'UTC') COMMENT 'When Kafka appended the first record of the block.',
    last_logged_at  DateTime64(3, 'UTC') COMMENT 'When Kafka appended the last record of the block.',
    ingested_at     DateTime DEFAULT now() COMMENT 'When the row was stored; retention counts from here.'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(last_logged_at)
ORDER BY (partition, first_offset, last_offset)
TTL ingested_at + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'The ledger: what became of the records of every stored block. Kept 400 days from its storage.';

-- No TTL: the state of a pipeline that was idle for long must still be there when it goes on.
CREATE TABLE IF NOT EXISTS snapshot
(
    pipeline    LowCardinality(String) COMMENT 'Consumer group of the workers.',
    partition   UInt16 COMMENT 'Partition of the events topic.',
    next_offset UInt64 COMMENT 'First offset that the state does not contain; the largest one is in force.',
    format      UInt16 COMMENT 'Version of the encoding of the state.',
    state       String COMMENT 'The state, as bytes.' CODEC(ZSTD(1)),
    sha256      String COMMENT 'SHA-256 of the state, in hexadecimal.',
    ingested_at DateTime DEFAULT now() COMMENT 'When the row was stored.'
)
ENGINE = ReplacingMergeTree(next_offset)
ORDER BY (pipeline, partition)
SETTINGS non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'The state of every partition at an offset, from which a worker goes on. Kept for ever.';
