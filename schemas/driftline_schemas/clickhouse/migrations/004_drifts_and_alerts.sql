CREATE TABLE IF NOT EXISTS drift_log
(
    drift_id          String COMMENT 'Id of the drift, a function of the log: the same drift always has the same one.',
    model             LowCardinality(String) COMMENT 'Name of the model.',
    version           LowCardinality(String) COMMENT 'Version of the model.',
    segment           Map(LowCardinality(String), String) COMMENT 'Tags of the predictions that drifted; empty for all of them.',
    kind              LowCardinality(String) COMMENT 'data-drift, prediction-drift, concept-drift, performance, quality, latency, volume or silence.',
    feature           LowCardinality(String) COMMENT 'Feature that drifted; empty where none is meant.',
    detector          LowCardinality(String) COMMENT 'Name of the detector, in lower case.',
    statistic         Float64 COMMENT 'The test statistic at the detection.',
    threshold         Float64 COMMENT 'Where the statistic means drift.',
    direction         LowCardinality(String) COMMENT 'up or down; empty where neither is meant.',
    detected_at       DateTime64(3, 'UTC') COMMENT 'Event time of the detection.',
    change_at         DateTime64(3, 'UTC') COMMENT 'Event time since when it drifts, as estimated.',
    detected_event_id String COMMENT 'Event at which the drift was detected.',
    change_event_id   String COMMENT 'Event since which it drifts, as estimated.',
    partition         UInt16 COMMENT 'Partition of the events topic.',
    offset            UInt64 COMMENT 'Offset of the record at which the drift was detected.',
    change_offset     UInt64 COMMENT 'Offset since which it drifts, as estimated.',
    logged_at         DateTime64(3, 'UTC') COMMENT 'When Kafka appended the record at which the drift was detected.',
    ingested_at       DateTime DEFAULT now() COMMENT 'When the row was stored; retention counts from here.'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(logged_at)
ORDER BY (model, drift_id)
TTL ingested_at + INTERVAL 5 YEAR
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'Every detected drift. Kept 5 years from its storage.';

CREATE TABLE IF NOT EXISTS alert_log
(
    alert_id    String COMMENT 'Id of the alert, a function of the log.',
    drift_ids   Array(String) COMMENT 'The drifts that gave rise to the alert.',
    model       LowCardinality(String) COMMENT 'Name of the model.',
    version     LowCardinality(String) COMMENT 'Version of the model.',
    segment     Map(LowCardinality(String), String) COMMENT 'Tags of the predictions concerned; empty for all of them.',
    kind        LowCardinality(String) COMMENT 'As of a drift, or ledger or pipeline.',
    feature     LowCardinality(String) COMMENT 'Feature concerned; empty where none is meant.',
    severity    LowCardinality(String) COMMENT 'info, warning or critical.',
    message     String COMMENT 'What happened, in one sentence.',
    detected_at DateTime64(3, 'UTC') COMMENT 'Event time of the detection.',
    partition   UInt16 COMMENT 'Partition of the events topic.',
    offset      UInt64 COMMENT 'Offset of the record that gave rise to the alert.',
    logged_at   DateTime64(3, 'UTC') COMMENT 'When Kafka appended that record.',
    ingested_at DateTime DEFAULT now() COMMENT 'When the row was stored; retention counts from here.'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(logged_at)
ORDER BY (model, alert_id)
TTL ingested_at + INTERVAL 5 YEAR
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'Every alert that was published. Kept 5 years from its storage.';
