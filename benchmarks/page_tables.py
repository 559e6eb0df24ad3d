"""Tables as they are with many predictions of many models, for measurements of what people wait for.

Half of all predictions are of ten models. ClickHouse fills its tables itself.
"""

from clickhouse_connect.driver.client import Client

MODELS, HEAVY = 500, 10
INSERT_ROWS = 250_000
BLOCK_ROWS = 1_000

PREDICTIONS = """
INSERT INTO prediction_log (timestamp, model, version, event_id, features, segment, prediction, prediction_value, score,
                            latency_ms, partition, offset, row, logged_at)
SELECT fromUnixTimestamp64Milli(toInt64(1763870000000 + number * 250), 'UTC') AS at,
       'model-' || leftPad(toString(if(number % 2 = 0, intHash32(number) % {heavy:UInt32},
                                       intHash32(number) % {models:UInt32})), 3, '0'),
       if(number < {rows:UInt64} / 2, '1', '2'), 'e' || leftPad(toString(number), 9, '0'),
       map('amount', exp(randNormal(2, 0.5) + if(number < 0.9 * {rows:UInt64}, 0, 0.5)), 'age', randNormal(40, 10),
           'f3', randNormal(0, 1), 'f4', randNormal(0, 1), 'f5', randNormal(0, 1), 'f6', randUniform(0, 1)),
       map('country', ['DE', 'FR', 'US', 'AT'][1 + intHash32(number + 1) % 4]),
       if(intHash32(number + 2) % 3 = 0, 'fraud', 'ok'), nan, randUniform(0, 1), randExponential(0.2), 0, number, 0, at
FROM numbers({first:UInt64}, {count:UInt64})
"""
OUTCOMES = """
INSERT INTO outcome_log (model, event_id, source, label, label_value, timestamp, predicted_at, version, prediction,
                         prediction_value, score, segment, joined, error, partition, offset, row, position, logged_at)
SELECT model, event_id, '', if(wrong, if(prediction = 'ok', 'fraud', 'ok'), prediction), nan, timestamp + 3600,
       timestamp, version, prediction, nan, score, segment, 1, intHash32(offset + 7) % 10 < 2 AS wrong,
       0, offset, 0, offset, timestamp + 3600
FROM prediction_log WHERE offset >= {first:UInt64} AND offset < {first:UInt64} + {count:UInt64}
"""
WINDOWS = """
INSERT INTO window_log (window_start, window_end, model, version, segment, feature, metric, value, count, window,
                        partition, offset, logged_at)
SELECT begins, ends, model, version, '', figure.1, figure.2, figure.3, 500, number, 0, last, ends
FROM
(
    SELECT model, version, intDiv(n, 500) AS number, min(timestamp) AS begins, max(timestamp) AS ends,
           max(offset) AS last, ['count', 'nulls', 'mean', 'std', 'min', 'max'] AS metrics,
           arrayFlatten(arrayMap(feature -> arrayMap(metric -> (feature, metric, rand() % 100 / 10.), metrics),
                                 ['amount', 'age', 'f3', 'f4', 'f5', 'f6'])) AS of_features,
           arrayConcat(of_features, [('', 'count', 500.), ('', 'latency_mean', avg(latency_ms)),
                                     ('', 'accuracy', 0.75 + rand() % 100 / 1000)]) AS figures
    FROM
    (
        SELECT model, version, timestamp, offset, latency_ms,
               row_number() OVER (PARTITION BY model, version ORDER BY timestamp) AS n
        FROM prediction_log WHERE model = {model:String}
    )
    GROUP BY model, version, number
)
ARRAY JOIN figures AS figure
"""
BLOCKS = """
INSERT INTO block_log (partition, first_offset, last_offset, records, data_records, predictions, last_logged_at)
SELECT 0, first, first + {block:UInt64} - 1 AS last, {block:UInt64}, {block:UInt64}, {block:UInt64},
       fromUnixTimestamp64Milli(toInt64(1763870000000 + last * 250), 'UTC')
FROM (SELECT {first:UInt64} + number * {block:UInt64} AS first FROM numbers(intDiv({count:UInt64}, {block:UInt64})))
"""
DRIFTS = """
INSERT INTO drift_log (drift_id, model, version, kind, feature, detector, statistic, threshold, detected_at, change_at,
                       partition, offset, logged_at)
SELECT 'd' || toString(number), 'model-' || leftPad(toString(intDiv(number, 20)), 3, '0'), '1',
       ['data-drift', 'concept-drift', 'quality'][1 + number % 3], if(number % 3 = 1, '', 'amount'), 'e-detector',
       30, 20, fromUnixTimestamp64Milli(toInt64(1763870000000 + (number % 20) * 120000000), 'UTC') AS at, at - 600,
       0, number, at
FROM numbers(20 * {models:UInt32})
"""
INCIDENTS = """
INSERT INTO incident_log (incident_id, sequence, notice_id, step, notify, state, severity, model, version, kinds,
                          features, alerts, headline, evidence, since, opened_at, at)
SELECT 'i' || toString(intDiv(number, 3)) AS incident, number % 3 AS sequence, 'n' || toString(number),
       ['opened', 'joined', 'resolved'][1 + sequence], 1, if(sequence < 2 OR number % 30 = 2, 'open', 'resolved'),
       ['info', 'warning', 'critical'][1 + intDiv(number, 3) % 3],
       'model-' || leftPad(toString(intDiv(number, 15)), 3, '0'), '1', ['data-drift'], ['amount'], 1 + sequence,
       'amount rose by 60 % since Monday', ['amount: mean 8.4, was 5.2'],
       fromUnixTimestamp64Milli(toInt64(1763870000000 + intDiv(number, 3) % 5 * 480000000), 'UTC') AS at,
       at, at + sequence
FROM numbers(15 * {models:UInt32})
"""
RETRAINS = """
INSERT INTO retrain_log (retrain_id, sequence, status, final, model, version, challenger_version, reason, rows,
                         champion_accuracy, challenger_accuracy, explanation, shadow_rows, evidence, at)
SELECT 'r' || toString(intDiv(number, 6)), number % 6 AS sequence,
       ['waiting', 'training', 'shadow', 'training', 'shadow', 'promoted'][1 + sequence], sequence = 5,
       'model-' || leftPad(toString(intDiv(number, 30)), 3, '0'), '1', if(sequence > 1, '2', ''), 'concept-drift', 400,
       0.75, 0.8, 'version 2 is better', if(sequence = 5, 700, 0), if(sequence = 5, 120, nan),
       fromUnixTimestamp64Milli(toInt64(1763870000000 + intDiv(number, 6) % 5 * 480000000 + sequence), 'UTC')
FROM numbers(30 * {models:UInt32})
"""
VERSIONS = """
INSERT INTO model_version_log (model, version, action, previous_version, retrain_id, at)
SELECT 'model-' || leftPad(toString(intDiv(number, 3)), 3, '0'), toString(number % 3), 'promoted',
       toString(number % 3 - 1), 'r' || toString(number),
       fromUnixTimestamp64Milli(toInt64(1763870000000 + number % 3 * 800000000), 'UTC')
FROM numbers(3 * {models:UInt32})
"""
DEAD_LETTERS = """
INSERT INTO dead_letter_log (reason, error, key, size_bytes, partition, offset, logged_at)
SELECT ['bad-json', 'bad-schema'][1 + number % 2], 'line 1: expected a value', 'fraud', 200, 0, number,
       fromUnixTimestamp64Milli(toInt64(1763870000000 + number * 1000000), 'UTC')
FROM numbers(2 * {models:UInt32})
"""


def fill(client: Client, rows: int) -> None:
    """Store predictions, outcomes, ended windows and blocks, and what was found and decided."""
    for first in range(0, rows, INSERT_ROWS):
        place = {
            "first": first,
            "count": min(INSERT_ROWS, rows - first),
            "rows": rows,
            "heavy": HEAVY,
            "models": MODELS,
        }
        client.command(PREDICTIONS, place)
        client.command(OUTCOMES, place)
        client.command(BLOCKS, {**place, "block": BLOCK_ROWS})
    for number in range(MODELS):
        client.command(WINDOWS, {"model": f"model-{number:03d}"})
    for table in (DRIFTS, INCIDENTS, RETRAINS, VERSIONS, DEAD_LETTERS):
        client.command(table, {"models": MODELS})
