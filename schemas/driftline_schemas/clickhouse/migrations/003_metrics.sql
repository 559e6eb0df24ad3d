CREATE TABLE IF NOT EXISTS window_log
(
    window_start DateTime64(3, 'UTC') COMMENT 'Event time of the first row of the window.' CODEC(Delta(8), ZSTD(1)),
    window_end   DateTime64(3, 'UTC') COMMENT 'Event time of the last row of the window.' CODEC(Delta(8), ZSTD(1)),
    model        LowCardinality(String) COMMENT 'Name of the model.',
    version      LowCardinality(String) COMMENT 'Version of the model.',
    feature      LowCardinality(String) COMMENT 'Feature that was measured; empty for the model itself.',
    metric       LowCardinality(String) COMMENT 'What was measured: count, nulls, mean, std, min, max, accuracy, mae, bias, labels, latency_mean and others.',
    value        Float64 COMMENT 'The measured value.' CODEC(ZSTD(1)),
    count        UInt64 COMMENT 'Values that were measured.' CODEC(ZSTD(1)),
    window       UInt64 COMMENT 'Index of the window of this model and version, from 0.' CODEC(Delta(8), ZSTD(1)),
    partition    UInt16 COMMENT 'Partition of the events topic.',
    offset       UInt64 COMMENT 'Offset of the last record of the window.' CODEC(Delta(8), ZSTD(1)),
    logged_at    DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When Kafka appended the last record of the window.' CODEC(Delta(8), ZSTD(1)),
    ingested_at  DateTime DEFAULT now() COMMENT 'When the row was stored; retention counts from here.' CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(logged_at)
ORDER BY (model, metric, feature, version, window, partition, offset)
TTL ingested_at + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'Measurements of closed windows, one row per metric. Kept 400 days from its storage.';

CREATE TABLE IF NOT EXISTS detector_log
(
    timestamp   DateTime64(3, 'UTC') COMMENT 'Event time of the last value the detector saw.' CODEC(Delta(8), ZSTD(1)),
    model       LowCardinality(String) COMMENT 'Name of the model.',
    version     LowCardinality(String) COMMENT 'Version of the model.',
    feature     LowCardinality(String) COMMENT 'Feature that is watched; empty for the error of the model.',
    detector    LowCardinality(String) COMMENT 'Name of the detector, in lower case.',
    statistic   Float64 COMMENT 'The test statistic of the detector.' CODEC(ZSTD(1)),
    threshold   Float64 COMMENT 'Where the statistic means drift.' CODEC(ZSTD(1)),
    estimate    Float64 COMMENT 'Current estimate of the watched mean.' CODEC(ZSTD(1)),
    width       UInt64 COMMENT 'Values in the window of the detector.' CODEC(ZSTD(1)),
    partition   UInt16 COMMENT 'Partition of the events topic.',
    offset      UInt64 COMMENT 'Offset of the last record the detector saw.' CODEC(Delta(8), ZSTD(1)),
    logged_at   DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When Kafka appended the last record the detector saw.' CODEC(Delta(8), ZSTD(1)),
    ingested_at DateTime DEFAULT now() COMMENT 'When the row was stored; retention counts from here.' CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(logged_at)
ORDER BY (model, detector, feature, version, partition, offset)
TTL ingested_at + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'What the detectors saw, from time to time. Kept 90 days from its storage.';
