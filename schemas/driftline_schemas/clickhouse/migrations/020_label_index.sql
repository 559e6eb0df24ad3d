-- Labels by the time of what they judge, so that a window is read without the rest of a model's history. Which label is
-- in force is decided as in outcome_log, by the larger position.
--
-- Partitions are months of logged_at, for the reasons in 001.

CREATE TABLE IF NOT EXISTS label_index
(
    model            LowCardinality(String) COMMENT 'Name of the model.',
    event_hash       UInt64 COMMENT 'Hash of the event id and the source.' CODEC(ZSTD(1)),
    source           LowCardinality(String) COMMENT 'Where the label comes from.',
    label            Nullable(String) COMMENT 'The true class or number, as text; null when the label was retracted.' CODEC(ZSTD(1)),
    label_value      Float64 COMMENT 'The true number; NaN when the label is not a number.' CODEC(ZSTD(1)),
    timestamp        DateTime64(3, 'UTC') COMMENT 'Event time of the outcome.' CODEC(Delta(8), ZSTD(1)),
    predicted_at     DateTime64(3, 'UTC') COMMENT 'Event time of the prediction.' CODEC(Delta(8), ZSTD(1)),
    version          LowCardinality(String) COMMENT 'Version of the model that predicted.',
    prediction       String COMMENT 'What was predicted, as text.' CODEC(ZSTD(1)),
    prediction_value Float64 COMMENT 'The predicted number; NaN when the prediction is not a number.' CODEC(ZSTD(1)),
    score            Float64 COMMENT 'Probability of the predicted (or the positive) class, 0 to 1; NaN when absent.' CODEC(ZSTD(1)),
    segment          Map(LowCardinality(String), String) COMMENT 'Tags of the prediction.' CODEC(ZSTD(1)),
    error            Float64 COMMENT 'Classification: 0 right, 1 wrong. Regression: absolute error. NaN for a retracted label.' CODEC(ZSTD(1)),
    position         UInt64 COMMENT 'The larger of the offsets of outcome and prediction: the row with the largest one is in force.' CODEC(Delta(8), ZSTD(1)),
    logged_at        DateTime64(3, 'UTC') COMMENT 'When Kafka appended the outcome.' CODEC(Delta(8), ZSTD(1)),
    ingested_at      DateTime DEFAULT now() COMMENT 'When the row was stored; retention counts from here.' CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree(position)
PARTITION BY toYYYYMM(logged_at)
PRIMARY KEY (model, toStartOfHour(predicted_at))
ORDER BY (model, toStartOfHour(predicted_at), event_hash)
TTL ingested_at + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'Outcomes whose prediction is known, by the hour of the prediction; filled from outcome_log. Kept 400 days from its storage.';

CREATE MATERIALIZED VIEW IF NOT EXISTS label_index_feed TO label_index AS
SELECT model, cityHash64(event_id, source) AS event_hash, source, label, label_value, timestamp, predicted_at, version,
       prediction, prediction_value, score, segment, error, position, logged_at
FROM outcome_log WHERE joined
COMMENT 'Fills label_index from every insert into outcome_log.';

INSERT INTO label_index (model, event_hash, source, label, label_value, timestamp, predicted_at, version,
                         prediction, prediction_value, score, segment, error, position, logged_at, ingested_at)
SELECT model, cityHash64(event_id, source), source, label, label_value, timestamp, predicted_at, version,
       prediction, prediction_value, score, segment, error, position, logged_at, ingested_at
FROM outcome_log WHERE joined;

CREATE OR REPLACE VIEW performance_labels AS
WITH judged AS
(
    SELECT model, version, source, predicted_at, segment, prediction, assumeNotNull(label) AS label, error, score,
           prediction_value - label_value AS residual,
           isNaN(residual) AS classified,
           classified AND score BETWEEN 0 AND 1 AS scored,
           if(error = 0, score, 1 - score) AS likelihood,
           -log(greatest(likelihood, 2.220446049250313e-16)) AS log_loss,
           pow(1 - likelihood, 2) AS brier,
           toUnixTimestamp64Milli(timestamp) - toUnixTimestamp64Milli(predicted_at) AS delay_ms
    FROM label_index AS l FINAL WHERE l.label IS NOT NULL
)
SELECT false AS segmented, ''::LowCardinality(String) AS tag, '' AS value, * EXCEPT (segment, likelihood) FROM judged
UNION ALL
SELECT true AS segmented, tag, value, * EXCEPT (segment, likelihood, tag, value)
FROM (SELECT tag, value, * FROM judged ARRAY JOIN mapKeys(segment) AS tag, mapValues(segment) AS value)
COMMENT 'The labels in force as performance counts them: once for all traffic (not segmented) and once for every tag of the prediction. Classified: prediction and label are not both numbers. Scored: a class with a score from 0 to 1.';

ALTER TABLE performance_labels
    COMMENT COLUMN segmented 'Whether the row counts for one tag and value (true) or for all traffic.',
    COMMENT COLUMN tag 'Name of the tag; empty for all traffic.',
    COMMENT COLUMN value 'Value of the tag; empty for all traffic.',
    COMMENT COLUMN residual 'Prediction minus label; NaN unless both are numbers.',
    COMMENT COLUMN classified 'Whether prediction and label are classes: not both are numbers.',
    COMMENT COLUMN scored 'Whether they are classes with a score from 0 to 1.',
    COMMENT COLUMN log_loss 'Minus the logarithm of the probability that was given to what came true.',
    COMMENT COLUMN brier 'Square of what that probability lacked to 1.',
    COMMENT COLUMN delay_ms 'From the prediction to its label, by event time, in milliseconds.';
