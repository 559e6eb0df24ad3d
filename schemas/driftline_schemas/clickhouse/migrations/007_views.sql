-- FINAL: duplicates and replaced rows that the engine has not merged away yet are not seen.

CREATE VIEW IF NOT EXISTS predictions AS SELECT * FROM prediction_log FINAL
COMMENT 'Every prediction once.';

CREATE VIEW IF NOT EXISTS outcomes AS SELECT * EXCEPT (joined) FROM outcome_log FINAL WHERE joined AND label IS NOT NULL
COMMENT 'The labels in force, beside their predictions.';

CREATE VIEW IF NOT EXISTS orphan_outcomes AS
SELECT model, event_id, source, label, label_value, timestamp, partition, offset, row, logged_at, ingested_at
FROM outcome_log FINAL WHERE NOT joined AND label IS NOT NULL
COMMENT 'The labels in force whose prediction is not known.';

CREATE VIEW IF NOT EXISTS windows AS SELECT * FROM window_log FINAL
COMMENT 'Measurements of closed windows, one row per metric.';

CREATE VIEW IF NOT EXISTS detector_values AS SELECT * FROM detector_log FINAL
COMMENT 'What the detectors saw, from time to time.';

CREATE VIEW IF NOT EXISTS drifts AS SELECT * FROM drift_log FINAL
COMMENT 'Every detected drift once.';

CREATE VIEW IF NOT EXISTS alerts AS SELECT * FROM alert_log FINAL
COMMENT 'Every alert once.';

CREATE VIEW IF NOT EXISTS retrain_requests AS SELECT * FROM retrain_request_log FINAL
COMMENT 'Every retrain the worker asked for.';

CREATE VIEW IF NOT EXISTS retrain_steps AS SELECT * FROM retrain_log FINAL
COMMENT 'The steps of every retrain.';

CREATE VIEW IF NOT EXISTS retrains AS SELECT * FROM retrain_log FINAL ORDER BY sequence DESC LIMIT 1 BY model, retrain_id
COMMENT 'The last step of every retrain: how it stands or how it ended.';

CREATE VIEW IF NOT EXISTS model_versions AS SELECT * FROM model_version_log FINAL
COMMENT 'What became of every version of every model.';

CREATE VIEW IF NOT EXISTS dead_letters AS SELECT * FROM dead_letter_log FINAL
COMMENT 'Every record that could not be read, and why.';

CREATE VIEW IF NOT EXISTS blocks AS SELECT * FROM block_log FINAL
COMMENT 'The ledger: what became of the records of every stored block.';

CREATE VIEW IF NOT EXISTS performance_hourly AS
SELECT model, version, toStartOfHour(predicted_at) AS hour, count() AS labels,
       1 - avgIf(error, isNaN(prediction_value)) AS accuracy, avgIf(error, NOT isNaN(prediction_value)) AS mae
FROM outcomes GROUP BY model, version, hour
COMMENT 'Accuracy (of classes) or mean absolute error (of numbers) by the hour of the prediction; NaN where it does not apply.';

CREATE VIEW IF NOT EXISTS traffic_hourly AS
SELECT model, version, toStartOfHour(timestamp) AS hour, count() AS predictions,
       avgIf(score, NOT isNaN(score)) AS score_mean, avgIf(latency_ms, NOT isNaN(latency_ms)) AS latency_ms_mean,
       quantileIf(0.95)(latency_ms, NOT isNaN(latency_ms)) AS latency_ms_p95
FROM predictions GROUP BY model, version, hour
COMMENT 'Predictions by hour, with their mean score and their latency; NaN where none was reported.';
