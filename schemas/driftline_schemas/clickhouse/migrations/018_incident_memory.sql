-- The views keep their columns: what the notifier remembers is for itself.
ALTER TABLE incident_log
    ADD COLUMN IF NOT EXISTS memory String DEFAULT '{}' COMMENT 'What the notifier compares the next alert with, as JSON.' CODEC(ZSTD(1)) AFTER at,
    ADD INDEX IF NOT EXISTS by_cause cause_id TYPE bloom_filter(0.001) GRANULARITY 1;
