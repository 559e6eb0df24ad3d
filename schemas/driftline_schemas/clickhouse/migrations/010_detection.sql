CREATE TABLE IF NOT EXISTS model_spec_log
(
    model       LowCardinality(String) COMMENT 'Name of the model.',
    written_at  DateTime64(3, 'UTC') COMMENT 'When the specification was written.',
    spec        String COMMENT 'The specification, as JSON.' CODEC(ZSTD(1)),
    partition   UInt16 COMMENT 'Partition of the events topic.',
    offset      UInt64 COMMENT 'Offset of the specification: it holds from there on.',
    logged_at   DateTime64(3, 'UTC') COMMENT 'When Kafka appended it.',
    ingested_at DateTime DEFAULT now() COMMENT 'When the row was stored.'
)
ENGINE = ReplacingMergeTree
ORDER BY (model, partition, offset)
SETTINGS non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'Every specification of every model. Kept for ever.';

CREATE VIEW IF NOT EXISTS model_specs AS SELECT * FROM model_spec_log FINAL ORDER BY offset DESC LIMIT 1 BY model
COMMENT 'The specification in force of every model that has one.';

ALTER TABLE window_log
    ADD COLUMN IF NOT EXISTS segment LowCardinality(String)
        COMMENT 'Tag and value, as tag=value, of the predictions that were measured; empty for all of them.' AFTER version,
    MODIFY ORDER BY (model, metric, feature, version, window, partition, offset, segment),
    MODIFY COLUMN metric COMMENT 'What was measured: count, nulls, mean, std, min, max, wrong_type, out_of_range, unseen, accuracy, mae, bias, labels, latency_mean and others.';

CREATE OR REPLACE VIEW windows AS SELECT * FROM window_log FINAL
COMMENT 'Measurements of closed windows, one row per metric.';

ALTER TABLE drift_log
    ADD COLUMN IF NOT EXISTS before Float64 COMMENT 'The mean, share or rate before the change; for a bound the bound.' AFTER direction,
    ADD COLUMN IF NOT EXISTS after Float64 COMMENT 'The same since the change.' AFTER before,
    ADD COLUMN IF NOT EXISTS contributions Map(LowCardinality(String), Float64)
        COMMENT 'What share of the evidence each feature brought, the largest five.' AFTER after;

CREATE OR REPLACE VIEW drifts AS SELECT * FROM drift_log FINAL
COMMENT 'Every detected drift once.';
