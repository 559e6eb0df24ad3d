-- A prediction is judged by the labels in force when a view is read: late, corrected and retracted labels restate their
-- window. The first two views say once what a label and a prediction count for.
--
-- The figures stand here twice, by the hour and for windows of any length: a parameterized view that another view reads
-- is looked for in the database of the session, so performance_hourly would fail for who reads it from another one.

CREATE OR REPLACE VIEW performance_labels AS
WITH judged AS
(
    SELECT model, version, source, predicted_at, segment, prediction, assumeNotNull(label) AS label, error, score,
           prediction_value - label_value AS residual,
           isNaN(residual) AS classified,
           classified AND score BETWEEN 0 AND 1 AS scored,
           if(error = 0, score, 1 - score) AS likelihood,
           -log(greatest(likelihood, 2.220446049250313e-16)) AS log_loss,
           pow(1 - likelihood, 2) AS brier,
           toUnixTimestamp64Milli(timestamp) - toUnixTimestamp64Milli(predicted_at) AS delay_ms
    FROM outcomes
)
SELECT false AS segmented, ''::LowCardinality(String) AS tag, '' AS value, * EXCEPT (segment, likelihood) FROM judged
UNION ALL
SELECT true AS segmented, tag, value, * EXCEPT (segment, likelihood, tag, value)
FROM (SELECT tag, value, * FROM judged ARRAY JOIN mapKeys(segment) AS tag, mapValues(segment) AS value)
COMMENT 'The labels in force as performance counts them: once for all traffic (not segmented) and once for every tag of the prediction. Classified: prediction and label are not both numbers. Scored: a class with a score from 0 to 1.';

CREATE OR REPLACE VIEW performance_predictions AS
SELECT false AS segmented, ''::LowCardinality(String) AS tag, '' AS value, model, version, timestamp FROM predictions
UNION ALL
SELECT true AS segmented, tag, value, model, version, timestamp
FROM predictions ARRAY JOIN mapKeys(segment) AS tag, mapValues(segment) AS value
COMMENT 'The predictions as performance counts them: once for all traffic (not segmented) and once for every tag.';

CREATE OR REPLACE VIEW performance_slices_hourly AS
SELECT segmented, tag, value, model, version, hour, source, predictions, labels,
       if(predictions > 0, labels / predictions, nan) AS coverage,
       delays[1] AS delay_ms_median, delays[2] AS delay_ms_p95,
       accuracy, log_loss, brier, auc, mae, rmse, bias
FROM
(
    WITH
        groupUniqArrayArrayIf(3)([prediction, label], scored) AS classes,
        groupArrayIf((prediction, error = 0, score), scored) AS guesses,
        guess -> guess.1 = arrayMax(classes) AS larger,
        arrayROCAUC(arrayMap(guess -> if(larger(guess), guess.3, 1 - guess.3), guesses),
                    arrayMap(guess -> larger(guess) = guess.2, guesses)) AS area
    SELECT segmented, tag, value, model, version, source,
           toStartOfHour(predicted_at) AS hour,
           count() AS labels,
           quantilesExactInclusive(0.5, 0.95)(delay_ms) AS delays,
           1 - avgIf(error, classified) AS accuracy,
           avgIf(l.log_loss, scored) AS log_loss,
           avgIf(l.brier, scored) AS brier,
           if(length(classes) = 2, area, nan) AS auc,
           avgIf(error, NOT classified) AS mae,
           sqrt(avgIf(residual * residual, NOT classified)) AS rmse,
           avgIf(residual, NOT classified) AS bias
    FROM performance_labels AS l
    GROUP BY segmented, tag, value, model, version, source, hour
) AS judged
LEFT JOIN
(
    SELECT segmented, tag, value, model, version, count() AS predictions,
           toStartOfHour(timestamp) AS hour
    FROM performance_predictions
    GROUP BY segmented, tag, value, model, version, hour
) AS served USING (segmented, tag, value, model, version, hour)
COMMENT 'What performance_hourly (not segmented) and performance_by_segment_hourly read.';

CREATE OR REPLACE VIEW performance_hourly AS
SELECT * EXCEPT (segmented, tag, value) FROM performance_slices_hourly WHERE NOT segmented
COMMENT 'Performance by the hour of the prediction, by the labels in force now, with a row for every source of labels. Coverage: labels by predictions. Delay: event time from prediction to label. Of classes: accuracy. Of classes with a score from 0 to 1: log loss and Brier score of the claim that the class is right (with two classes the usual ones), and with exactly two classes the area under the ROC curve. Of numbers: mean absolute error, root mean square error, and bias (prediction minus label). NaN where it does not apply. Hours without labels are in traffic_hourly only.';

CREATE OR REPLACE VIEW performance_by_segment_hourly AS
SELECT * EXCEPT segmented FROM performance_slices_hourly WHERE segmented
COMMENT 'The same as performance_hourly for every tag of the segment and each of its values; a prediction counts once for every tag that it carries.';

CREATE OR REPLACE VIEW performance_by_class_hourly AS
SELECT model, version, toStartOfHour(predicted_at) AS hour, source,
       arrayJoin(arrayDistinct([prediction, label])) AS class,
       countIf(label = class) AS support, countIf(prediction = class) AS predicted, countIf(error = 0) AS correct,
       correct / predicted AS precision, correct / support AS recall, 2 * correct / (predicted + support) AS f1
FROM performance_labels
WHERE NOT segmented AND classified
GROUP BY model, version, hour, source, class
COMMENT 'Precision, recall and F1 of every class by the hour of the prediction and the source of labels. Support: labels of the class. NaN where a class was never predicted (precision) or never true (recall).';

CREATE OR REPLACE VIEW performance_windows AS
SELECT tag, value, model, version, window_start, source, predictions, labels,
       if(predictions > 0, labels / predictions, nan) AS coverage,
       delays[1] AS delay_ms_median, delays[2] AS delay_ms_p95,
       accuracy, log_loss, brier, auc, mae, rmse, bias
FROM
(
    WITH
        groupUniqArrayArrayIf(3)([prediction, label], scored) AS classes,
        groupArrayIf((prediction, error = 0, score), scored) AS guesses,
        guess -> guess.1 = arrayMax(classes) AS larger,
        arrayROCAUC(arrayMap(guess -> if(larger(guess), guess.3, 1 - guess.3), guesses),
                    arrayMap(guess -> larger(guess) = guess.2, guesses)) AS area
    SELECT tag, value, model, version, source,
           toStartOfInterval(predicted_at, toIntervalSecond({seconds:UInt32})) AS window_start,
           count() AS labels,
           quantilesExactInclusive(0.5, 0.95)(delay_ms) AS delays,
           1 - avgIf(error, classified) AS accuracy,
           avgIf(l.log_loss, scored) AS log_loss,
           avgIf(l.brier, scored) AS brier,
           if(length(classes) = 2, area, nan) AS auc,
           avgIf(error, NOT classified) AS mae,
           sqrt(avgIf(residual * residual, NOT classified)) AS rmse,
           avgIf(residual, NOT classified) AS bias
    FROM performance_labels AS l
    WHERE segmented = {by_segment:Bool}
    GROUP BY tag, value, model, version, source, window_start
) AS judged
LEFT JOIN
(
    SELECT tag, value, model, version, count() AS predictions,
           toStartOfInterval(timestamp, toIntervalSecond({seconds:UInt32})) AS window_start
    FROM performance_predictions
    WHERE segmented = {by_segment:Bool}
    GROUP BY tag, value, model, version, window_start
) AS served USING (tag, value, model, version, window_start)
COMMENT 'The same as performance_hourly for windows of any length, counted from the epoch: performance_windows(seconds = 600, by_segment = 0), or with by_segment = 1 for every tag and value.';

CREATE OR REPLACE VIEW performance_by_class_windows AS
SELECT model, version, toStartOfInterval(predicted_at, toIntervalSecond({seconds:UInt32})) AS window_start, source,
       arrayJoin(arrayDistinct([prediction, label])) AS class,
       countIf(label = class) AS support, countIf(prediction = class) AS predicted, countIf(error = 0) AS correct,
       correct / predicted AS precision, correct / support AS recall, 2 * correct / (predicted + support) AS f1
FROM performance_labels
WHERE NOT segmented AND classified
GROUP BY model, version, window_start, source, class
COMMENT 'The same as performance_by_class_hourly for windows of any length: performance_by_class_windows(seconds = 600).';
