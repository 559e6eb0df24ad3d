-- The columns of block_log have defaults under which blocks that were stored before them still add up.
ALTER TABLE block_log
    ADD COLUMN IF NOT EXISTS first_record UInt64 DEFAULT first_offset COMMENT 'Offset of its first record; above first_offset when the records before it were not in Kafka any more.' CODEC(Delta(8), ZSTD(1)) AFTER last_offset,
    ADD COLUMN IF NOT EXISTS data_records UInt64 DEFAULT records - dead_letters - forwarded - duplicates - ticks - controls COMMENT 'Records of predictions or outcomes, single ones and batches, that were taken.' AFTER records,
    ADD COLUMN IF NOT EXISTS events UInt64 DEFAULT predictions + outcomes COMMENT 'Events in the data records: predictions, outcomes and repeated ones.' AFTER data_records,
    ADD COLUMN IF NOT EXISTS repeated UInt64 DEFAULT 0 COMMENT 'Events whose id was seen shortly before; not stored again.' AFTER orphans,
    ADD COLUMN IF NOT EXISTS taken_over Map(UInt16, UInt64) COMMENT 'Records, by the partition that forwarded them, that were taken here; those counted as duplicates are not among them.' AFTER forwarded,
    MODIFY COLUMN duplicates UInt64 COMMENT 'Forwarded records and replayed dead letters that had been taken before.';

CREATE OR REPLACE VIEW blocks AS SELECT * FROM block_log FINAL
COMMENT 'The ledger: what became of the records of every stored block.';

CREATE TABLE IF NOT EXISTS emitter_report_log
(
    model       LowCardinality(String) COMMENT 'Name of the model that it emits for.',
    emitter     LowCardinality(String) COMMENT 'Id of the emitting process; unique per start.',
    timestamp   DateTime64(3, 'UTC') COMMENT 'When the emitter read its counters.' CODEC(Delta(8), ZSTD(1)),
    logged      UInt64 COMMENT 'Events handed to it since its start.' CODEC(Delta(8), ZSTD(1)),
    sent        UInt64 COMMENT 'Events that Kafka has confirmed since its start; all of them lie before the report.' CODEC(Delta(8), ZSTD(1)),
    dropped     Map(LowCardinality(String), UInt64) COMMENT 'Events that it gave up since its start, by reason.' CODEC(ZSTD(1)),
    queued      UInt64 COMMENT 'Events that wait in its memory.' CODEC(ZSTD(1)),
    partition   UInt16 COMMENT 'Partition of the events topic.',
    offset      UInt64 COMMENT 'Offset of the report in its partition.' CODEC(Delta(8), ZSTD(1)),
    arrived     UInt64 COMMENT 'Events of the emitter that arrived in the block of the report, before it.' CODEC(ZSTD(1)),
    logged_at   DateTime64(3, 'UTC') COMMENT 'When Kafka appended the report.' CODEC(Delta(8), ZSTD(1)),
    ingested_at DateTime DEFAULT now() COMMENT 'When the row was stored; retention counts from here.' CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(logged_at)
ORDER BY (model, emitter, partition, offset)
TTL ingested_at + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'What emitters say of themselves. Kept 400 days from its storage.';

-- Kept longer than the reports, so that between two reports every arrival is known.
CREATE TABLE IF NOT EXISTS emitter_arrival_log
(
    model        LowCardinality(String) COMMENT 'Name of the model; of a dead letter, its key.',
    emitter      LowCardinality(String) COMMENT 'Id of the emitting process; unique per start.',
    partition    UInt16 COMMENT 'Partition of the events topic.',
    first_offset UInt64 COMMENT 'First offset of the block.' CODEC(Delta(8), ZSTD(1)),
    last_offset  UInt64 COMMENT 'Last offset of the block.' CODEC(Delta(8), ZSTD(1)),
    events       UInt64 COMMENT 'Events of the emitter that arrived in the block; duplicates and replayed dead letters arrived before and do not count.' CODEC(ZSTD(1)),
    repeated     UInt64 COMMENT 'How many of them had an id that was seen shortly before.' CODEC(ZSTD(1)),
    dead_letters UInt64 COMMENT 'How many of them could not be read.' CODEC(ZSTD(1)),
    forwarded    UInt64 COMMENT 'How many of them were sent on to the partition of their model, where they arrive again.' CODEC(ZSTD(1)),
    logged_at    DateTime64(3, 'UTC') COMMENT 'When Kafka appended the last record of the block.' CODEC(Delta(8), ZSTD(1)),
    ingested_at  DateTime DEFAULT now() COMMENT 'When the row was stored; retention counts from here.' CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(logged_at)
ORDER BY (model, emitter, partition, first_offset, last_offset)
TTL ingested_at + INTERVAL 460 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'What arrived of every emitter, by block. Kept 460 days from its storage.';

CREATE TABLE IF NOT EXISTS dead_letter_replay_log
(
    partition          UInt16 COMMENT 'Partition of the record that was dead-lettered.',
    offset             UInt64 COMMENT 'Offset of the record that was dead-lettered.' CODEC(Delta(8), ZSTD(1)),
    replayed_partition UInt16 COMMENT 'Partition in which it was taken the second time.',
    replayed_offset    UInt64 COMMENT 'Offset at which it was taken the second time.' CODEC(Delta(8), ZSTD(1)),
    logged_at          DateTime64(3, 'UTC') COMMENT 'When Kafka appended the replayed record.' CODEC(Delta(8), ZSTD(1)),
    ingested_at        DateTime DEFAULT now() COMMENT 'When the row was stored; retention counts from here.' CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(logged_at)
ORDER BY (partition, offset, replayed_partition, replayed_offset)
TTL ingested_at + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'Dead letters that were given back into the log. Kept 90 days from its storage.';

CREATE OR REPLACE VIEW dead_letters AS
SELECT d.*, r.replayed AS replayed, r.replayed_partition AS replayed_partition, r.replayed_offset AS replayed_offset
FROM (SELECT * FROM dead_letter_log FINAL) AS d
LEFT JOIN
(
    SELECT partition, offset, true AS replayed,
           argMax(replayed_partition, logged_at) AS replayed_partition, argMax(replayed_offset, logged_at) AS replayed_offset
    FROM dead_letter_replay_log GROUP BY partition, offset
) AS r ON d.partition = r.partition AND d.offset = r.offset
COMMENT 'Every record that could not be read, why, and whether and where it was taken again when it was replayed.';

CREATE VIEW IF NOT EXISTS ledger AS
WITH steps AS
(
    SELECT *, first_offset = min(first_offset) OVER of_partition AS first,
           max(last_offset + 1) OVER (of_partition ORDER BY first_offset, last_offset ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered
    FROM block_log FINAL
    WINDOW of_partition AS (PARTITION BY partition)
)
SELECT partition,
       min(first_record) AS begins_at,
       max(last_offset) + 1 AS stored_offset,
       count() AS blocks,
       sum(b.records) AS records,
       sum(b.data_records) AS data_records,
       sum(b.dead_letters) AS dead_letters,
       sum(b.forwarded) AS forwarded,
       sum(b.duplicates) AS duplicates,
       sum(b.ticks) AS ticks,
       sum(b.controls) AS controls,
       sum(b.events) AS events,
       sum(b.predictions) AS predictions,
       sum(b.outcomes) AS outcomes,
       sum(b.orphans) AS orphans,
       sum(b.repeated) AS repeated,
       (SELECT sumMap(taken_over) FROM block_log FINAL)[partition] AS taken_over,
       sumIf(first_record - first_offset, NOT first) AS expired,
       sumIf(first_offset - covered, NOT first AND first_offset > covered)
           + sum(abs(toInt64(last_offset + 1 - first_record) - toInt64(b.records))) AS missing,
       sumIf(least(covered, last_offset + 1) - first_offset, NOT first AND covered > first_offset) AS overlapping,
       sum(abs(toInt64(b.records) - toInt64(b.data_records + b.dead_letters + b.forwarded + b.duplicates + b.ticks + b.controls)))
           + sum(abs(toInt64(b.events) - toInt64(b.predictions + b.outcomes + b.repeated))) AS uncounted
FROM steps AS b
GROUP BY partition
COMMENT 'What became of the records and events of every partition. Taken over: how many of its forwarded records other partitions took. Unexplained are expired (not in Kafka any more when a worker came), missing (offsets in no block), overlapping (offsets in two blocks) and uncounted ones (sums that do not add up).';

CREATE VIEW IF NOT EXISTS emitters AS
WITH
    reports AS
    (
        SELECT model, emitter, argMax((timestamp, logged, sent, dropped, queued, partition, offset, arrived), offset) AS last,
               argMin((sent, offset, arrived), offset) AS first
        FROM emitter_report_log GROUP BY model, emitter
    ),
    arrivals AS
    (
        SELECT a.model AS model, a.emitter AS emitter, sum(a.events - a.forwarded) AS arrived, sum(a.repeated) AS repeated,
               sum(a.dead_letters) AS dead_letters, sum(a.forwarded) AS forwarded,
               sumIf(a.events - a.forwarded, a.partition != last.6 OR a.last_offset < last.7) AS before_last,
               sumIf(a.events - a.forwarded, a.partition != last.6 OR a.last_offset < first.2) AS before_first
        FROM (SELECT * FROM emitter_arrival_log FINAL) AS a
        LEFT JOIN reports AS r ON a.model = r.model AND a.emitter = r.emitter
        GROUP BY model, emitter
    ),
    beginnings AS (SELECT partition, min(first_record) AS begins_at FROM block_log GROUP BY partition)
SELECT if(r.model = '', a.model, r.model) AS model, if(r.emitter = '', a.emitter, r.emitter) AS emitter,
       r.last.1 AS reported_at, r.last.2 AS logged, r.last.3 AS sent, r.last.4 AS dropped, r.last.5 AS queued,
       a.arrived AS arrived, a.repeated AS repeated, a.dead_letters AS dead_letters, a.forwarded AS forwarded,
       if(b.begins_at = 0, 0, toInt64(r.first.1) - toInt64(a.before_first + r.first.3)) AS before_the_ledger,
       greatest(toInt64(sent) - toInt64(a.before_last + r.last.8) - greatest(before_the_ledger, 0), 0) AS unexplained
FROM reports AS r
FULL JOIN arrivals AS a ON a.model = r.model AND a.emitter = r.emitter
LEFT JOIN beginnings AS b ON b.partition = r.last.6
COMMENT 'What every emitter says and what arrived of it. Unexplained: events that Kafka confirmed to it before its last report, but that did not arrive before that; where the ledger does not begin with the log, only those since its first report.';
