-- What columns mean that views compute; the others have the description of the table's column that they show.

ALTER TABLE performance_predictions
    COMMENT COLUMN segmented 'Whether the row counts for one tag and value (true) or for all traffic.',
    COMMENT COLUMN tag 'Name of the tag; empty for all traffic.',
    COMMENT COLUMN value 'Value of the tag; empty for all traffic.';

ALTER TABLE performance_slices_hourly
    COMMENT COLUMN segmented 'Whether the row counts for one tag and value (true) or for all traffic.',
    COMMENT COLUMN tag 'Name of the tag; empty for all traffic.',
    COMMENT COLUMN value 'Value of the tag; empty for all traffic.',
    COMMENT COLUMN hour 'Hour of the predictions, by event time.',
    COMMENT COLUMN predictions 'Predictions of the hour, with a label or without.',
    COMMENT COLUMN labels 'How many of them have a label.',
    COMMENT COLUMN coverage 'Labels by predictions, 0 to 1.',
    COMMENT COLUMN delay_ms_median 'Median time from prediction to label, in milliseconds of event time.',
    COMMENT COLUMN delay_ms_p95 'The same, 95th percentile.',
    COMMENT COLUMN accuracy 'Share of right predictions, of classes; NaN for numbers.',
    COMMENT COLUMN log_loss 'Mean log loss, of classes with a score.',
    COMMENT COLUMN brier 'Mean Brier score, of classes with a score, 0 to 1.',
    COMMENT COLUMN auc 'Area under the ROC curve, with exactly two classes with a score.',
    COMMENT COLUMN mae 'Mean absolute error, of numbers.',
    COMMENT COLUMN rmse 'Root mean square error, of numbers.',
    COMMENT COLUMN bias 'Mean of prediction minus label, of numbers.';

ALTER TABLE performance_by_class_hourly
    COMMENT COLUMN hour 'Hour of the predictions, by event time.',
    COMMENT COLUMN class 'The class.',
    COMMENT COLUMN support 'Labels of the class.',
    COMMENT COLUMN predicted 'Predictions of the class that have a label.',
    COMMENT COLUMN correct 'How many of them were right.',
    COMMENT COLUMN precision 'Correct by predicted; NaN where the class was never predicted.',
    COMMENT COLUMN recall 'Correct by support; NaN where the class was never true.',
    COMMENT COLUMN f1 'Harmonic mean of precision and recall.';

ALTER TABLE calibration_hourly
    COMMENT COLUMN hour 'Hour of the predictions, by event time.',
    COMMENT COLUMN score_from 'Lower end of the tenth of the score.',
    COMMENT COLUMN labels 'Labels of predictions with such a score.',
    COMMENT COLUMN mean_score 'Their mean score.',
    COMMENT COLUMN accuracy 'The share of them that was right.',
    COMMENT COLUMN expected_calibration_error 'Mean distance of score and accuracy over the tenths of the hour, weighed by labels, 0 to 1.';

ALTER TABLE traffic_hourly
    COMMENT COLUMN hour 'Hour of the predictions, by event time.',
    COMMENT COLUMN predictions 'Predictions of the hour.',
    COMMENT COLUMN score_mean 'Mean of the scores that were reported.',
    COMMENT COLUMN latency_ms_mean 'Mean of the latencies that were reported, in milliseconds.',
    COMMENT COLUMN latency_ms_p95 'Their 95th percentile (of a sample, in large hours).';

ALTER TABLE dead_letters
    COMMENT COLUMN replayed 'Whether it was given back into the log and taken.';

ALTER TABLE ledger
    COMMENT COLUMN begins_at 'First offset that was in Kafka when a worker first came.',
    COMMENT COLUMN stored_offset 'First offset that is not stored yet.',
    COMMENT COLUMN blocks 'Stored blocks.',
    COMMENT COLUMN expired 'Offsets that were not in Kafka any more when a worker came to them.',
    COMMENT COLUMN missing 'Offsets that are in no block.',
    COMMENT COLUMN overlapping 'Offsets that are in two blocks.',
    COMMENT COLUMN uncounted 'Records and events that no counter has.';

ALTER TABLE emitters
    COMMENT COLUMN reported_at 'When the emitter read its counters for its last report.',
    COMMENT COLUMN arrived 'Events of the emitter that arrived; forwarded ones count where they arrive again.',
    COMMENT COLUMN before_the_ledger 'Events that it sent before the ledger begins.',
    COMMENT COLUMN unexplained 'Events that Kafka confirmed to it before its last report, and that did not arrive before that.';
