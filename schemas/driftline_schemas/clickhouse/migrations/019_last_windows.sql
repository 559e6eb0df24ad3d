-- The last ended windows of every model by themselves, so that all models are shown at a glance without reading the windows
-- of all times: one row for each figure, once parts are merged, however long a history is.
--
-- A window that is stored a second time stands twice in a state: who reads it takes each once.

CREATE TABLE IF NOT EXISTS last_windows
(
    model       LowCardinality(String) COMMENT 'Name of the model.',
    metric      LowCardinality(String) COMMENT 'What was measured of the model itself: count, accuracy, mae or latency_mean.',
    ended       AggregateFunction(groupArraySorted(48), Tuple(Int64, DateTime64(3, 'UTC'), DateTime64(3, 'UTC'), DateTime64(3, 'UTC'), LowCardinality(String), Float64)) COMMENT 'The 48 windows that ended last: the negative end in milliseconds, start, end, when Kafka appended its last record, version, value.' CODEC(ZSTD(1)),
    ingested_at SimpleAggregateFunction(max, DateTime) DEFAULT now() COMMENT 'When the newest of them was stored; retention counts from here.'
)
ENGINE = AggregatingMergeTree
ORDER BY (model, metric)
TTL ingested_at + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'The last windows of every model; filled from window_log. Kept 400 days from the storage of the newest.';

CREATE MATERIALIZED VIEW IF NOT EXISTS last_windows_feed TO last_windows AS
SELECT model, metric,
       groupArraySortedState(48)((-toUnixTimestamp64Milli(window_end), window_start, window_end, logged_at, version, value)) AS ended
FROM window_log
WHERE feature = '' AND segment = '' AND metric IN ('count', 'accuracy', 'mae', 'latency_mean')
GROUP BY model, metric
COMMENT 'Fills last_windows from every insert into window_log.';

INSERT INTO last_windows (model, metric, ended)
SELECT model, metric,
       groupArraySortedState(48)((-toUnixTimestamp64Milli(window_end), window_start, window_end, logged_at, version, value))
FROM window_log
WHERE feature = '' AND segment = '' AND metric IN ('count', 'accuracy', 'mae', 'latency_mean')
GROUP BY model, metric;
