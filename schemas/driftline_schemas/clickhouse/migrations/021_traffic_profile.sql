-- How many predictions there were and how fast, by the hour, so that a page does not read them.
--
-- A sketch takes finite numbers only, and refuses the whole block for another one; a latency may be infinite here, as
-- Float32. Partitions are months of logged_at, for the reasons in 001.

CREATE TABLE IF NOT EXISTS traffic_profile
(
    hour           DateTime('UTC') COMMENT 'Hour of the predictions, by event time.' CODEC(Delta(4), ZSTD(1)),
    model          LowCardinality(String) COMMENT 'Name of the model.',
    version        LowCardinality(String) COMMENT 'Version of the model that predicted.',
    predictions    SimpleAggregateFunction(sum, UInt64) COMMENT 'How many.' CODEC(ZSTD(1)),
    first_at       SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'Event time of the first.' CODEC(ZSTD(1)),
    last_at        SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'Event time of the last.' CODEC(ZSTD(1)),
    last_logged_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'When Kafka appended the newest.' CODEC(ZSTD(1)),
    latencies      AggregateFunction(quantilesDD(0.01, 0.5, 0.95), Float32) COMMENT 'Reported latencies in milliseconds, as a sketch of 1 % relative error (Masson, Rim and Lee, VLDB 2019).' CODEC(ZSTD(1)),
    scored         SimpleAggregateFunction(sum, UInt64) COMMENT 'How many have a score.' CODEC(ZSTD(1)),
    score_total    SimpleAggregateFunction(sum, Float64) COMMENT 'Sum of the scores.' CODEC(ZSTD(1)),
    logged_month   Date COMMENT 'Month in which Kafka appended the records.',
    ingested_at    SimpleAggregateFunction(max, DateTime) DEFAULT now() COMMENT 'When the newest of its rows was stored; retention counts from here.'
)
ENGINE = AggregatingMergeTree
PARTITION BY logged_month
ORDER BY (model, hour, version)
TTL ingested_at + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800, index_granularity = 128
COMMENT 'Predictions by the hour: how many, how fast, with which scores; filled from prediction_log. Kept 400 days from its storage.';

INSERT INTO traffic_profile (hour, model, version, predictions, first_at, last_at, last_logged_at, latencies, scored,
                             score_total, logged_month, ingested_at)
SELECT toStartOfHour(timestamp), model, version, count(), min(timestamp), max(timestamp), max(logged_at),
       quantilesDDStateIf(0.01, 0.5, 0.95)(latency_ms, isFinite(latency_ms)),
       countIf(NOT isNaN(score)), sumIf(score, NOT isNaN(score)), toStartOfMonth(logged_at) AS logged_month, max(ingested_at)
FROM prediction_log WHERE (SELECT count() FROM traffic_profile) = 0
GROUP BY model, toStartOfHour(timestamp), version, logged_month
SETTINGS optimize_aggregation_in_order = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS traffic_profile_feed TO traffic_profile AS
SELECT toStartOfHour(timestamp) AS hour, model, version, count() AS predictions, min(timestamp) AS first_at,
       max(timestamp) AS last_at, max(p.logged_at) AS last_logged_at,
       quantilesDDStateIf(0.01, 0.5, 0.95)(latency_ms, isFinite(latency_ms)) AS latencies,
       countIf(NOT isNaN(score)) AS scored, sumIf(score, NOT isNaN(score)) AS score_total,
       toStartOfMonth(p.logged_at) AS logged_month
FROM prediction_log AS p
GROUP BY hour, model, version, logged_month
COMMENT 'Fills traffic_profile from every insert into prediction_log.';
