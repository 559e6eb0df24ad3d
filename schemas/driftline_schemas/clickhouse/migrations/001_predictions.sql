-- Partitions are months of logged_at: it comes from the log, so a retried insert meets its first try's
-- deduplication window even across midnight, and replayed old event times do not scatter over partitions.

CREATE TABLE IF NOT EXISTS prediction_log
(
    timestamp        DateTime64(3, 'UTC') COMMENT 'Event time of the prediction, as its emitter reported it.' CODEC(Delta(8), ZSTD(1)),
    model            LowCardinality(String) COMMENT 'Name of the model.',
    version          LowCardinality(String) COMMENT 'Version of the model that predicted; empty when the emitter names none.',
    event_id         String COMMENT 'Id of the prediction; its outcome carries the same one.' CODEC(ZSTD(1)),
    features         Map(LowCardinality(String), Float64) COMMENT 'Numeric features; booleans as 0 and 1, null as NaN, an absent feature has no key (it reads as 0: guard with mapContains).' CODEC(ZSTD(1)),
    categories       Map(LowCardinality(String), String) COMMENT 'String features; an absent feature has no key.' CODEC(ZSTD(1)),
    segment          Map(LowCardinality(String), String) COMMENT 'Tags by which predictions are told apart, such as country.' CODEC(ZSTD(1)),
    prediction       String COMMENT 'The predicted class or number, as text.' CODEC(ZSTD(1)),
    prediction_value Float64 COMMENT 'The predicted number; NaN when the prediction is not a number.' CODEC(ZSTD(1)),
    score            Float64 COMMENT 'Probability of the predicted (or the positive) class, 0 to 1; NaN when absent.' CODEC(ZSTD(1)),
    subject_id       String COMMENT 'Pseudonymous id of whom the prediction is about; empty when absent.' CODEC(ZSTD(1)),
    latency_ms       Float32 COMMENT 'Time the prediction took, in milliseconds; NaN when absent.' CODEC(ZSTD(1)),
    traceparent      String COMMENT 'W3C trace context of the request; empty when absent.' CODEC(ZSTD(1)),
    partition        UInt16 COMMENT 'Partition of the events topic.',
    offset           UInt64 COMMENT 'Offset of the record in its partition.' CODEC(Delta(8), ZSTD(1)),
    row              UInt32 COMMENT 'Index in a prediction batch; 0 for a single event.' CODEC(Delta(4), ZSTD(1)),
    logged_at        DateTime64(3, 'UTC') COMMENT 'When Kafka appended the record.' CODEC(Delta(8), ZSTD(1)),
    ingested_at      DateTime DEFAULT now() COMMENT 'When the row was stored; retention counts from here.' CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(logged_at)
PRIMARY KEY (model, toStartOfHour(timestamp), event_id)
ORDER BY (model, toStartOfHour(timestamp), event_id, partition, offset, row)
TTL ingested_at + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800, map_serialization_version = 'with_buckets', map_buckets_min_avg_size = 8
COMMENT 'Every prediction of every model, one row each. Kept 90 days from its storage.';

CREATE TABLE IF NOT EXISTS prediction_index
(
    model            LowCardinality(String) COMMENT 'Name of the model.',
    event_id         String COMMENT 'Id of the prediction.' CODEC(ZSTD(1)),
    version          LowCardinality(String) COMMENT 'Version of the model that predicted.',
    timestamp        DateTime64(3, 'UTC') COMMENT 'Event time of the prediction.' CODEC(Delta(8), ZSTD(1)),
    prediction       String COMMENT 'The predicted class or number, as text.' CODEC(ZSTD(1)),
    prediction_value Float64 COMMENT 'The predicted number; NaN when the prediction is not a number.' CODEC(ZSTD(1)),
    score            Float64 COMMENT 'Probability of the predicted (or the positive) class, 0 to 1; NaN when absent.' CODEC(ZSTD(1)),
    segment          Map(LowCardinality(String), String) COMMENT 'Tags by which predictions are told apart.' CODEC(ZSTD(1)),
    partition        UInt16 COMMENT 'Partition of the events topic.',
    offset           UInt64 COMMENT 'Offset of the record in its partition.' CODEC(Delta(8), ZSTD(1)),
    row              UInt32 COMMENT 'Index in a prediction batch; 0 for a single event.' CODEC(Delta(4), ZSTD(1)),
    logged_at        DateTime64(3, 'UTC') COMMENT 'When Kafka appended the record.' CODEC(Delta(8), ZSTD(1)),
    ingested_at      DateTime DEFAULT now() COMMENT 'When the row was stored; retention counts from here.' CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(logged_at)
ORDER BY (model, event_id, offset, row)
TTL ingested_at + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800, index_granularity = 1024
COMMENT 'Predictions by event id, in which outcomes are looked up; filled from prediction_log. Kept 90 days from its storage.';

CREATE MATERIALIZED VIEW IF NOT EXISTS prediction_index_feed TO prediction_index AS
SELECT model, event_id, version, timestamp, prediction, prediction_value, score, segment, partition, offset, row, logged_at
FROM prediction_log
COMMENT 'Fills prediction_index from every insert into prediction_log.';
