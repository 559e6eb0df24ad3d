-- New outcomes of a model are read by their position; parts are of one block or of neighbouring ones, so the index skips
-- all that came before. Parts that exist already are read whole.
ALTER TABLE outcome_log ADD INDEX IF NOT EXISTS by_position position TYPE minmax GRANULARITY 1;

ALTER TABLE retrain_log
    ADD COLUMN IF NOT EXISTS final Bool COMMENT 'Whether the retrain has ended with this step.' AFTER status,
    ADD COLUMN IF NOT EXISTS refit UInt8 COMMENT 'Number of the challenger in its retrain, from 1; 0 where none is meant.' AFTER final,
    ADD COLUMN IF NOT EXISTS shadow_rows UInt64 COMMENT 'Outcomes on which champion and challenger were compared.' AFTER rows,
    ADD COLUMN IF NOT EXISTS evidence Float64 DEFAULT nan COMMENT 'E-value of the proof: how much the outcomes speak for the challenger; NaN where there was none.' AFTER shadow_rows,
    MODIFY COLUMN status COMMENT 'waiting, training, shadow, promoted, refused, failed, skipped, joined, rejected or rolled-back; until version 0.1 also accepted.',
    MODIFY COLUMN champion_accuracy COMMENT 'Accuracy of the champion on the outcomes of the proof, 0 to 1; NaN without one and for numbers.',
    MODIFY COLUMN challenger_accuracy COMMENT 'Accuracy of the challenger on the same outcomes, 0 to 1; NaN without one and for numbers.';

CREATE OR REPLACE VIEW retrain_steps AS SELECT * FROM retrain_log FINAL
COMMENT 'The steps of every retrain.';

CREATE OR REPLACE VIEW retrains AS SELECT * FROM retrain_log FINAL ORDER BY sequence DESC LIMIT 1 BY model, retrain_id
COMMENT 'The last step of every retrain: how it stands or how it ended.';
