CREATE TABLE IF NOT EXISTS retrain_request_log
(
    retrain_id  String COMMENT 'Id of the retrain, a function of the log.',
    model       LowCardinality(String) COMMENT 'Name of the model.',
    version     LowCardinality(String) COMMENT 'Version that drifted.',
    reason      LowCardinality(String) COMMENT 'Why: the kind of drift.',
    drift_ids   Array(String) COMMENT 'The drifts that gave rise to the request.',
    partition   UInt16 COMMENT 'Partition of the events topic.',
    offset      UInt64 COMMENT 'Offset of the record at which the retrain was requested.',
    logged_at   DateTime64(3, 'UTC') COMMENT 'When Kafka appended that record.',
    ingested_at DateTime DEFAULT now() COMMENT 'When the row was stored; retention counts from here.'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(logged_at)
ORDER BY (model, retrain_id)
TTL ingested_at + INTERVAL 5 YEAR
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'Every retrain the worker asked for. Kept 5 years from its storage.';

CREATE TABLE IF NOT EXISTS retrain_log
(
    retrain_id          String COMMENT 'Id of the retrain.',
    sequence            UInt8 COMMENT 'Number of the step in its retrain, from 0.',
    status              LowCardinality(String) COMMENT 'accepted, skipped, training, promoted, refused or failed.',
    model               LowCardinality(String) COMMENT 'Name of the model.',
    version             LowCardinality(String) COMMENT 'The champion at that time.',
    challenger_version  LowCardinality(String) COMMENT 'The version that was trained; empty before.',
    reason              LowCardinality(String) COMMENT 'Why the retrain was asked for.',
    rows                UInt64 COMMENT 'Labelled rows in the training window.',
    champion_accuracy   Float64 COMMENT 'Accuracy of the champion on the held-out rows, 0 to 1; NaN before the proof.',
    challenger_accuracy Float64 COMMENT 'Accuracy of the challenger on the same rows, 0 to 1; NaN before the proof.',
    explanation         String COMMENT 'What was decided and why, in one sentence.',
    details             String COMMENT 'Everything a rerun needs, as JSON.',
    at                  DateTime64(3, 'UTC') COMMENT 'When the step was taken.',
    ingested_at         DateTime DEFAULT now() COMMENT 'When the row was stored; retention counts from here.'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(at)
ORDER BY (model, retrain_id, sequence)
TTL ingested_at + INTERVAL 5 YEAR
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'The steps of every retrain. Kept 5 years from its storage.';

-- No TTL: a model may serve for longer than any retention, and the table is tiny.
CREATE TABLE IF NOT EXISTS model_version_log
(
    model            LowCardinality(String) COMMENT 'Name of the model.',
    version          LowCardinality(String) COMMENT 'The version that was promoted, refused or rolled back to.',
    action           LowCardinality(String) COMMENT 'promoted, refused or rolled-back.',
    previous_version LowCardinality(String) COMMENT 'The champion before.',
    retrain_id       String COMMENT 'The retrain that made the version; empty when none did.',
    artifact_uri     String COMMENT 'Where the artifact lies.',
    artifact_sha256  String COMMENT 'SHA-256 of the artifact, in hexadecimal.',
    metrics          String COMMENT 'Figures of champion and challenger, as JSON.',
    at               DateTime64(3, 'UTC') COMMENT 'When it happened.',
    ingested_at      DateTime DEFAULT now() COMMENT 'When the row was stored.'
)
ENGINE = ReplacingMergeTree
ORDER BY (model, version, action, retrain_id)
SETTINGS non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'What became of every version of every model. Kept for ever.';
