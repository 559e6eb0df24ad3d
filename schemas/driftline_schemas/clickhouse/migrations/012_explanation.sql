ALTER TABLE drift_log
    ADD COLUMN IF NOT EXISTS category String
        COMMENT 'The category whose shares `before` and `after` are; empty where none is meant or its name is not known.' AFTER after,
    ADD COLUMN IF NOT EXISTS segments Map(String, Float64)
        COMMENT 'Of a drift of all traffic, what share of the evidence segments brought, by tag=value; the largest five.' AFTER contributions;

CREATE OR REPLACE VIEW drifts AS SELECT * FROM drift_log FINAL
COMMENT 'Every detected drift once.';
