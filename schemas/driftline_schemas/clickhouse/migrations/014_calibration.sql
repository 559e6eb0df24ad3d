-- Whether scores are what they claim, by tenths of the score (Naeini, Cooper and Hauskrecht, AAAI 2015).

CREATE OR REPLACE VIEW calibration_hourly AS
SELECT model, version, toStartOfHour(predicted_at) AS hour, source,
       least(floor(score * 10), 9) / 10 AS score_from,
       count() AS labels, avg(score) AS mean_score, 1 - avg(error) AS accuracy,
       sum(labels * abs(accuracy - mean_score)) OVER (PARTITION BY model, version, hour, source)
           / sum(labels) OVER (PARTITION BY model, version, hour, source) AS expected_calibration_error
FROM performance_labels
WHERE NOT segmented AND scored
GROUP BY model, version, hour, source, score_from
COMMENT 'Calibration by the hour of the prediction and the source of labels, a row for every tenth of the score that has labels, by its lower end. Of well calibrated scores the accuracy is the mean score. Expected calibration error: mean distance of the two over the tenths of that hour, weighed by labels, 0 to 1.';

CREATE OR REPLACE VIEW calibration_windows AS
SELECT model, version, toStartOfInterval(predicted_at, toIntervalSecond({seconds:UInt32})) AS window_start, source,
       least(floor(score * 10), 9) / 10 AS score_from,
       count() AS labels, avg(score) AS mean_score, 1 - avg(error) AS accuracy,
       sum(labels * abs(accuracy - mean_score)) OVER (PARTITION BY model, version, window_start, source)
           / sum(labels) OVER (PARTITION BY model, version, window_start, source) AS expected_calibration_error
FROM performance_labels
WHERE NOT segmented AND scored
GROUP BY model, version, window_start, source, score_from
COMMENT 'The same as calibration_hourly for windows of any length: calibration_windows(seconds = 600).';
