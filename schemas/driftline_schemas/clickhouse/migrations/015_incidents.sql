CREATE TABLE IF NOT EXISTS incident_log
(
    incident_id   String COMMENT 'Id of the incident: that of its first alert.',
    sequence      UInt32 COMMENT 'Number of the step in its incident, from 0.',
    notice_id     String COMMENT 'Id of the step; deliveries carry it.',
    cause_id      String COMMENT 'What caused the step: id of an alert, of a person''s act, or of a retrain''s step; empty for the passing of time.',
    step          LowCardinality(String) COMMENT 'opened, joined, raised, escalated, acknowledged, remedy, resolved, reopened or judged.',
    notify        Bool COMMENT 'Whether people were told of the step.',
    state         LowCardinality(String) COMMENT 'open, acknowledged or resolved.',
    severity      LowCardinality(String) COMMENT 'info, warning or critical: the highest of its alerts.',
    model         LowCardinality(String) COMMENT 'Name of the model.',
    version       LowCardinality(String) COMMENT 'Version of the first alert.',
    owner         LowCardinality(String) COMMENT 'Who answers for the model, as its specification says.',
    kinds         Array(LowCardinality(String)) COMMENT 'Kinds of its alerts, the first one first.',
    features      Array(String) COMMENT 'Features concerned, the first one first.',
    segments      Array(String) COMMENT 'Segments concerned, as tag=value; empty for all traffic.',
    alerts        UInt32 COMMENT 'Number of its alerts.',
    last_alert_id String COMMENT 'The newest alert.',
    drift_ids     Array(String) COMMENT 'The drifts that its alerts are built on; the newest hundred.',
    headline      String COMMENT 'What happened to which model, since when, and how sure that is, in one line.',
    evidence      Array(String) COMMENT 'What was measured, one line for each of the last alerts.',
    cause         String COMMENT 'The likely cause; empty where none is known.',
    remedy        String COMMENT 'What the system does about it; empty where nothing is known.',
    by            LowCardinality(String) COMMENT 'Who acknowledged, resolved or judged; empty for the system.',
    comment       String COMMENT 'That person''s words.',
    verdict       LowCardinality(String) COMMENT 'true-drift, false-alarm or expected, once a person has said so.',
    since         DateTime64(3, 'UTC') COMMENT 'Event time since when it is so, as estimated.',
    opened_at     DateTime64(3, 'UTC') COMMENT 'When the incident was opened.',
    at            DateTime64(3, 'UTC') COMMENT 'When the step was taken.',
    ingested_at   DateTime DEFAULT now() COMMENT 'When the row was stored; retention counts from here.'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(opened_at)
ORDER BY (model, incident_id, sequence)
TTL ingested_at + INTERVAL 5 YEAR
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'How every incident stood after each of its steps. Kept 5 years from its storage.';

CREATE TABLE IF NOT EXISTS silence_log
(
    silence_id  String COMMENT 'Id of the silence.',
    model       LowCardinality(String) COMMENT 'Name of the model; * for all of them.',
    kinds       Array(LowCardinality(String)) COMMENT 'Kinds of alerts; all when empty.',
    segments    Array(String) COMMENT 'Segments, as tag=value; all when empty.',
    from_at     DateTime64(3, 'UTC') COMMENT 'When it begins.',
    until_at    DateTime64(3, 'UTC') COMMENT 'When it ends.',
    by          LowCardinality(String) COMMENT 'Who silences.',
    comment     String COMMENT 'That person''s words.',
    at          DateTime64(3, 'UTC') COMMENT 'When that was decided; a later row replaces an earlier one.',
    ingested_at DateTime DEFAULT now() COMMENT 'When the row was stored; retention counts from here.'
)
ENGINE = ReplacingMergeTree(at)
ORDER BY silence_id
TTL ingested_at + INTERVAL 5 YEAR
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'Times in which people are not told; maintenance windows are some that lie ahead. Kept 5 years from its storage.';

CREATE TABLE IF NOT EXISTS delivery_log
(
    notice_id    String COMMENT 'The step of an incident that was delivered.',
    incident_id  String COMMENT 'Its incident.',
    model        LowCardinality(String) COMMENT 'Name of the model.',
    channel      LowCardinality(String) COMMENT 'Where it went: the name of the channel.',
    status       LowCardinality(String) COMMENT 'delivered; retrying, when a try failed; or failed, when the last one did.',
    attempt      UInt16 COMMENT 'Number of the try, from 1.',
    error        String COMMENT 'Why the try failed; empty when it did not.',
    milliseconds Float64 COMMENT 'How long the try took, in milliseconds.',
    at           DateTime64(3, 'UTC') COMMENT 'When the try ended.',
    ingested_at  DateTime DEFAULT now() COMMENT 'When the row was stored; retention counts from here.'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(at)
ORDER BY (model, incident_id, notice_id, channel, attempt)
TTL ingested_at + INTERVAL 1 YEAR
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'Every try to tell somebody. Kept a year from its storage.';

CREATE OR REPLACE VIEW incident_steps AS SELECT * FROM incident_log FINAL
COMMENT 'The timeline of every incident.';

CREATE OR REPLACE VIEW incidents AS SELECT * FROM incident_log FINAL ORDER BY sequence DESC LIMIT 1 BY model, incident_id
COMMENT 'How every incident stands, or how it ended.';

CREATE OR REPLACE VIEW silences AS SELECT * FROM silence_log FINAL
COMMENT 'Times in which people are not told.';

CREATE OR REPLACE VIEW deliveries AS
SELECT * FROM delivery_log FINAL ORDER BY attempt DESC LIMIT 1 BY model, incident_id, notice_id, channel
COMMENT 'What became of every notice on every channel: its last try.';
