CREATE TABLE IF NOT EXISTS outcome_log
(
    model            LowCardinality(String) COMMENT 'Name of the model.',
    event_id         String COMMENT 'Id of the prediction that came true or not.' CODEC(ZSTD(1)),
    source           LowCardinality(String) COMMENT 'Where the label comes from; each source has its own outcome of an event.',
    label            Nullable(String) COMMENT 'The true class or number, as text; null when the label was retracted.' CODEC(ZSTD(1)),
    label_value      Float64 COMMENT 'The true number; NaN when the label is not a number.' CODEC(ZSTD(1)),
    timestamp        DateTime64(3, 'UTC') COMMENT 'Event time of the outcome.' CODEC(Delta(8), ZSTD(1)),
    predicted_at     DateTime64(3, 'UTC') COMMENT 'Event time of the prediction; the epoch for an orphan.' CODEC(Delta(8), ZSTD(1)),
    version          LowCardinality(String) COMMENT 'Version of the model that predicted.',
    prediction       String COMMENT 'What was predicted, as text.' CODEC(ZSTD(1)),
    prediction_value Float64 COMMENT 'The predicted number; NaN when the prediction is not a number.' CODEC(ZSTD(1)),
    score            Float64 COMMENT 'Probability of the predicted (or the positive) class, 0 to 1; NaN when absent.' CODEC(ZSTD(1)),
    segment          Map(LowCardinality(String), String) COMMENT 'Tags of the prediction.' CODEC(ZSTD(1)),
    joined           UInt8 COMMENT '1 when the prediction is known, 0 for an orphan.',
    error            Float64 COMMENT 'Classification: 0 right, 1 wrong. Regression: absolute error. NaN for an orphan or a retracted label.' CODEC(ZSTD(1)),
    partition        UInt16 COMMENT 'Partition of the events topic.',
    offset           UInt64 COMMENT 'Offset of the outcome in its partition.' CODEC(Delta(8), ZSTD(1)),
    row              UInt32 COMMENT 'Index in an outcome batch; 0 for a single outcome.' CODEC(Delta(4), ZSTD(1)),
    position         UInt64 COMMENT 'The larger of the offsets of outcome and prediction: the row with the largest one is in force.' CODEC(Delta(8), ZSTD(1)),
    logged_at        DateTime64(3, 'UTC') COMMENT 'When Kafka appended the outcome.' CODEC(Delta(8), ZSTD(1)),
    ingested_at      DateTime DEFAULT now() COMMENT 'When the row was stored; retention counts from here.' CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree(position)
PARTITION BY toYYYYMM(logged_at)
ORDER BY (model, event_id, source)
TTL ingested_at + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'Every outcome beside the prediction it belongs to; corrections and retractions replace. Kept 400 days from its storage.';
