-- What a page asks first, from tables of few rows: which versions of a model predicted and when, and its last windows.
--
-- States of windows are read whole, and there is one of 48 windows in every row: so they stand in small pieces, in a table
-- of its own, as the size of pieces cannot be changed. Parts of the profiles are compact as long as they are small: of a
-- model a few rows are read, and opening a file for every column took longer than reading it.
--
-- Partitions are months of logged_at, for the reasons in 001.

CREATE TABLE IF NOT EXISTS served_versions
(
    model          LowCardinality(String) COMMENT 'Name of the model.',
    version        LowCardinality(String) COMMENT 'Version of the model that predicted.',
    predictions    SimpleAggregateFunction(sum, UInt64) COMMENT 'How many.' CODEC(ZSTD(1)),
    first_at       SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'Event time of the first.' CODEC(ZSTD(1)),
    last_at        SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'Event time of the last.' CODEC(ZSTD(1)),
    last_logged_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'When Kafka appended the newest.' CODEC(ZSTD(1)),
    logged_month   Date COMMENT 'Month in which Kafka appended the records.',
    ingested_at    SimpleAggregateFunction(max, DateTime) DEFAULT now() COMMENT 'When the newest of its rows was stored; retention counts from here.'
)
ENGINE = AggregatingMergeTree
PARTITION BY logged_month
ORDER BY (model, version)
TTL ingested_at + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800, index_granularity = 128
COMMENT 'Versions by the month in which they predicted: how often, and when; filled from traffic_profile. Kept 400 days from its storage.';

INSERT INTO served_versions (model, version, predictions, first_at, last_at, last_logged_at, logged_month, ingested_at)
SELECT model, version, sum(t.predictions), min(t.first_at), max(t.last_at), max(t.last_logged_at), logged_month, max(t.ingested_at)
FROM traffic_profile AS t WHERE (SELECT count() FROM served_versions) = 0
GROUP BY model, version, logged_month;

CREATE MATERIALIZED VIEW IF NOT EXISTS served_versions_feed TO served_versions AS
SELECT model, version, sum(t.predictions) AS predictions, min(t.first_at) AS first_at, max(t.last_at) AS last_at,
       max(t.last_logged_at) AS last_logged_at, logged_month
FROM traffic_profile AS t
GROUP BY model, version, logged_month
COMMENT 'Fills served_versions from every insert into traffic_profile.';

CREATE TABLE IF NOT EXISTS recent_windows
(
    model       LowCardinality(String) COMMENT 'Name of the model.',
    metric      LowCardinality(String) COMMENT 'What was measured of the model itself: count, accuracy, mae or latency_mean.',
    ended       AggregateFunction(groupArraySorted(48), Tuple(Int64, DateTime64(3, 'UTC'), DateTime64(3, 'UTC'), DateTime64(3, 'UTC'), LowCardinality(String), Float64)) COMMENT 'The 48 windows that ended last: the negative end in milliseconds, start, end, when Kafka appended its last record, version, value. One that was stored a second time may stand here twice.' CODEC(ZSTD(1)),
    ingested_at SimpleAggregateFunction(max, DateTime) DEFAULT now() COMMENT 'When the newest of them was stored; retention counts from here.'
)
ENGINE = AggregatingMergeTree
ORDER BY (model, metric)
TTL ingested_at + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800, index_granularity = 16
COMMENT 'The last windows of every model; filled from window_log. Kept 400 days from the storage of the newest.';

CREATE MATERIALIZED VIEW IF NOT EXISTS recent_windows_feed TO recent_windows AS
SELECT model, metric,
       groupArraySortedState(48)((-toUnixTimestamp64Milli(window_end), window_start, window_end, logged_at, version, value)) AS ended
FROM window_log
WHERE feature = '' AND segment = '' AND metric IN ('count', 'accuracy', 'mae', 'latency_mean')
GROUP BY model, metric
COMMENT 'Fills recent_windows from every insert into window_log.';

INSERT INTO recent_windows (model, metric, ended)
SELECT model, metric,
       groupArraySortedState(48)((-toUnixTimestamp64Milli(window_end), window_start, window_end, logged_at, version, value))
FROM window_log
WHERE feature = '' AND segment = '' AND metric IN ('count', 'accuracy', 'mae', 'latency_mean')
GROUP BY model, metric;

DROP VIEW IF EXISTS last_windows_feed;
DROP TABLE IF EXISTS last_windows;

ALTER TABLE traffic_profile MODIFY SETTING min_bytes_for_wide_part = 268435456;
ALTER TABLE feature_profile_numbers MODIFY SETTING min_bytes_for_wide_part = 268435456;
ALTER TABLE feature_profile_categories MODIFY SETTING min_bytes_for_wide_part = 268435456;
