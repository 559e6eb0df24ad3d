-- What features looked like, by the hour, so that any two windows of whole hours can be compared without reading events.
--
-- Numbers fall into bins by their sign, their exponent and the first seven binary digits behind it: the bits of the
-- double, shifted. So bins stand in the order of their values, are at most 1/128 of their value wide, hold one integer
-- each up to 256, and do not depend on what came before: windows add up. NaN (a null) lies beyond the bin of infinity,
-- 262016. Each block is grouped by bin first: maps that are summed row by row take several times as long.
-- To read them is what a comparison costs: so they are compressed for speed, and read in small pieces.
--
-- Partitions are months of logged_at, for the reasons in 001.

CREATE TABLE IF NOT EXISTS feature_profile_numbers
(
    hour         DateTime('UTC') COMMENT 'Hour of the predictions, by event time.' CODEC(Delta(4), ZSTD(1)),
    model        LowCardinality(String) COMMENT 'Name of the model.',
    version      LowCardinality(String) COMMENT 'Version of the model that predicted.',
    feature      LowCardinality(String) COMMENT 'Name of the feature.',
    rows         SimpleAggregateFunction(sum, UInt64) COMMENT 'Predictions that carry it, null or not.' CODEC(ZSTD(1)),
    nulls        SimpleAggregateFunction(sum, UInt64) COMMENT 'How many of them are null.' CODEC(ZSTD(1)),
    total        SimpleAggregateFunction(sum, Float64) COMMENT 'Sum of the values.' CODEC(ZSTD(1)),
    squares      SimpleAggregateFunction(sum, Float64) COMMENT 'Sum of their squares.' CODEC(ZSTD(1)),
    minimum      SimpleAggregateFunction(min, Float64) COMMENT 'Smallest value; infinity without one.' CODEC(ZSTD(1)),
    maximum      SimpleAggregateFunction(max, Float64) COMMENT 'Largest value; minus infinity without one.' CODEC(ZSTD(1)),
    bins         SimpleAggregateFunction(sumMap, Map(Int32, UInt64)) COMMENT 'Values by bin; the bin is the sign and the 18 bits after it of the double.' CODEC(LZ4),
    logged_month Date COMMENT 'Month in which Kafka appended the records.',
    ingested_at  SimpleAggregateFunction(max, DateTime) DEFAULT now() COMMENT 'When the newest of its rows was stored; retention counts from here.'
)
ENGINE = AggregatingMergeTree
PARTITION BY logged_month
ORDER BY (model, hour, feature, version)
TTL ingested_at + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800, index_granularity_bytes = 1048576
COMMENT 'Numeric features by the hour: sums and a histogram; filled from prediction_log. Kept 400 days from its storage.';

CREATE MATERIALIZED VIEW IF NOT EXISTS feature_profile_numbers_feed TO feature_profile_numbers AS
SELECT hour, model, version, feature, logged_month,
       sum(n) AS rows, sumIf(n, bin > 262016) AS nulls,
       sumIf(total_of_bin, bin < 262016) AS total, sumIf(squares_of_bin, bin < 262016) AS squares,
       min(if(bin < 262016, least_of_bin, inf)) AS minimum, max(if(bin < 262016, most_of_bin, -inf)) AS maximum,
       CAST((groupArrayIf(bin, bin < 262016), groupArrayIf(n, bin < 262016)), 'Map(Int32, UInt64)') AS bins
FROM
(
    SELECT toStartOfHour(timestamp) AS hour, model, version, feature, toStartOfMonth(logged_at) AS logged_month,
           toInt32(bitShiftRight(reinterpretAsUInt64(abs(number)), 45) * if(number < 0, -1, 1)) AS bin,
           count() AS n, sum(number) AS total_of_bin, sum(number * number) AS squares_of_bin,
           min(number) AS least_of_bin, max(number) AS most_of_bin
    FROM prediction_log ARRAY JOIN mapKeys(features) AS feature, mapValues(features) AS number
    GROUP BY hour, model, version, feature, logged_month, bin
)
GROUP BY hour, model, version, feature, logged_month
COMMENT 'Fills feature_profile_numbers from every insert into prediction_log.';

CREATE TABLE IF NOT EXISTS feature_profile_categories
(
    hour         DateTime('UTC') COMMENT 'Hour of the predictions, by event time.' CODEC(Delta(4), ZSTD(1)),
    model        LowCardinality(String) COMMENT 'Name of the model.',
    version      LowCardinality(String) COMMENT 'Version of the model that predicted.',
    feature      LowCardinality(String) COMMENT 'Name of the feature.',
    rows         SimpleAggregateFunction(sum, UInt64) COMMENT 'Predictions that carry a text; nulls are counted in feature_profile_numbers.' CODEC(ZSTD(1)),
    top          AggregateFunction(approx_top_sum(100), String, UInt64) COMMENT 'The hundred most frequent texts (space-saving, 300 places): exact as long as there are no more than 300.' CODEC(ZSTD(1)),
    logged_month Date COMMENT 'Month in which Kafka appended the records.',
    ingested_at  SimpleAggregateFunction(max, DateTime) DEFAULT now() COMMENT 'When the newest of its rows was stored; retention counts from here.'
)
ENGINE = AggregatingMergeTree
PARTITION BY logged_month
ORDER BY (model, hour, feature, version)
TTL ingested_at + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
         replicated_deduplication_window_seconds = 604800
COMMENT 'Features that are texts by the hour: the most frequent ones; filled from prediction_log. Kept 400 days from its storage.';

CREATE MATERIALIZED VIEW IF NOT EXISTS feature_profile_categories_feed TO feature_profile_categories AS
SELECT hour, model, version, feature, logged_month, sum(n) AS rows, approx_top_sumState(100)(category, n) AS top
FROM
(
    SELECT toStartOfHour(timestamp) AS hour, model, version, feature, toStartOfMonth(logged_at) AS logged_month, category,
           count() AS n
    FROM prediction_log ARRAY JOIN mapKeys(categories) AS feature, mapValues(categories) AS category
    GROUP BY hour, model, version, feature, logged_month, category
)
GROUP BY hour, model, version, feature, logged_month
COMMENT 'Fills feature_profile_categories from every insert into prediction_log.';

CREATE OR REPLACE VIEW feature_profile_hourly
(
    hour               DateTime('UTC') COMMENT 'Hour of the predictions, by event time.',
    model              LowCardinality(String) COMMENT 'Name of the model.',
    version            LowCardinality(String) COMMENT 'Version of the model that predicted.',
    feature            LowCardinality(String) COMMENT 'Name of the feature.',
    kind               String COMMENT 'number, category, mixed, or empty where every value is null.',
    rows               UInt64 COMMENT 'Predictions that carry it, null or not.',
    null_rate          Float64 COMMENT 'Share of them that are null.',
    mean               Float64 COMMENT 'Mean of its numbers; NaN without any, as all that follows.',
    standard_deviation Float64 COMMENT 'Standard deviation of its numbers (divided by their count).',
    minimum            Float64 COMMENT 'Smallest number.',
    p01                Float64 COMMENT 'A hundredth of the numbers is not larger. Quantiles are read from bins: up to 1/128 of their value too near to zero; integers up to 256 are exact.',
    p05                Float64 COMMENT 'A twentieth of the numbers is not larger.',
    p25                Float64 COMMENT 'A quarter of the numbers is not larger.',
    median             Float64 COMMENT 'Half of the numbers is not larger.',
    p75                Float64 COMMENT 'Three quarters of the numbers are not larger.',
    p95                Float64 COMMENT '95 % of the numbers are not larger.',
    p99                Float64 COMMENT '99 % of the numbers are not larger.',
    maximum            Float64 COMMENT 'Largest number.',
    distinct_at_least  UInt64 COMMENT 'At least so many different values: bins of numbers, and up to a hundred texts.',
    top                Map(String, UInt64) COMMENT 'The most frequent texts, at most a hundred, and how often at least each came.'
)
AS
WITH
    bin -> reinterpretAsFloat64(bitShiftLeft(toUInt64(abs(bin)), 45)) * if(bin < 0, -1, 1) AS edge,
    share -> edge(bins[arrayFirstIndex(reached -> reached > floor(share * (numbers - 1)), sums)]) AS bin_at,
    share -> if(numbers = 0, nan, greatest(least_number, least(largest_number, bin_at(share)))) AS value_at
SELECT hour, model, version, feature,
       multiIf(numbers > 0 AND texts > 0, 'mixed', numbers > 0, 'number', texts > 0, 'category', '') AS kind,
       numbers + texts + nulls AS rows,
       nulls / rows AS null_rate,
       total / numbers AS mean,
       if(numbers = 0, nan, sqrt(greatest(squares / numbers - mean * mean, 0))) AS standard_deviation,
       if(numbers = 0, nan, least_number) AS minimum,
       value_at(0.01) AS p01, value_at(0.05) AS p05, value_at(0.25) AS p25, value_at(0.5) AS median,
       value_at(0.75) AS p75, value_at(0.95) AS p95, value_at(0.99) AS p99,
       if(numbers = 0, nan, largest_number) AS maximum,
       length(bins) + length(frequent) AS distinct_at_least,
       mapFromArrays(frequent.1, arrayMap((n, too_many) -> n - too_many, frequent.2, frequent.3)) AS top
FROM
(
    SELECT hour, model, version, feature,
           sum(n) AS numbers, sum(missing) AS nulls, sum(named) AS texts, sum(n_total) AS total, sum(n_squares) AS squares,
           min(least) AS least_number, max(largest) AS largest_number,
           arraySort(groupArrayArray(CAST(counts, 'Array(Tuple(Int32, UInt64))'))) AS histogram,
           histogram.1 AS bins, arrayCumSum(histogram.2) AS sums, groupArrayArray(most) AS frequent
    FROM
    (
        SELECT hour, model, version, feature, sum(rows - nulls) AS n, sum(nulls) AS missing, 0 AS named,
               sum(total) AS n_total, sum(squares) AS n_squares, min(minimum) AS least, max(maximum) AS largest,
               sumMap(bins) AS counts, CAST([], 'Array(Tuple(String, UInt64, UInt64))') AS most
        FROM feature_profile_numbers GROUP BY hour, model, version, feature
        UNION ALL
        SELECT hour, model, version, feature, 0, 0, sum(rows), 0, 0, inf, -inf,
               CAST(map(), 'Map(Int32, UInt64)'), approx_top_sumMerge(100)(top)
        FROM feature_profile_categories GROUP BY hour, model, version, feature
    )
    GROUP BY hour, model, version, feature
)
COMMENT 'Every feature by hour, version and model, as the predictions were stored: one that is stored a second time long after the first counts twice here, and once in predictions.';

-- How far apart the features of two windows are. Compared are shares: of numbers, those in the ten bins between the tenths
-- of the reference (numpy.quantile), of texts each by itself. PSI counts no share below 0.0001.
--
-- The two views say the same of a profile and of rows; that they repeat formulas has the reason in 011.

CREATE OR REPLACE VIEW feature_drift
(
    feature             String COMMENT 'Name of the feature.',
    kind                String COMMENT 'number or category: a row for each where a feature is sometimes the one, sometimes the other.',
    reference_values    UInt64 COMMENT 'Values in the reference, without nulls.',
    values              UInt64 COMMENT 'Values in the window, without nulls.',
    reference_null_rate Float64 COMMENT 'Share of nulls in the reference, of the predictions that carry the feature.',
    null_rate           Float64 COMMENT 'The same in the window.',
    reference_mean      Float64 COMMENT 'Mean in the reference; NaN for texts.',
    mean                Float64 COMMENT 'Mean in the window; NaN for texts.',
    psi                 Float64 COMMENT 'Population stability index; by custom small below 0.1 and large from 0.2 on. NaN where the reference or the window has no values.',
    jensen_shannon      Float64 COMMENT 'Jensen-Shannon distance, from 0 (the same) to 1 (nothing in common).',
    ks                  Float64 COMMENT 'Largest distance of the two distribution functions, 0 to 1; NaN for texts.',
    ks_error            Float64 COMMENT 'What is true is at most so much larger than ks: the share of the fullest bin. Where bins hold one value each, ks is exact.'
)
AS
WITH
    numbers AS
    (
        SELECT feature, sumIf(n_rows, in_reference) AS r_rows, sumIf(n_rows, in_window) AS w_rows,
               sumIf(n_nulls, in_reference) AS r_nulls, sumIf(n_nulls, in_window) AS w_nulls,
               sumIf(n_total, in_reference) AS r_total, sumIf(n_total, in_window) AS w_total,
               sumMap(mapKeys(counts), arrayMap(n -> n * in_reference, mapValues(counts)), arrayMap(n -> n * in_window, mapValues(counts))) AS bins
        FROM
        (
            SELECT feature, sum(rows) AS n_rows, sum(nulls) AS n_nulls, sum(total) AS n_total, sumMap(bins) AS counts,
               hour >= {reference_from:DateTime('UTC')} AND hour < {reference_until:DateTime('UTC')}
                   AND version = ifNull({reference_version:Nullable(String)}, version) AS in_reference,
               hour >= {from:DateTime('UTC')} AND hour < {until:DateTime('UTC')}
                   AND version = ifNull({version:Nullable(String)}, version) AS in_window
            FROM feature_profile_numbers WHERE model = {model:String} AND (in_reference OR in_window)
            GROUP BY feature, in_reference, in_window
        )
        GROUP BY feature
    ),
    number_shares AS
    (
        SELECT *, bins.2 AS rs, bins.3 AS ws, arrayCumSum(rs) AS r_sums, arrayCumSum(ws) AS w_sums,
               toInt64(r_rows - r_nulls) AS r, toInt64(w_rows - w_nulls) AS w,
               arrayMap((reached, n) -> arrayCount(tenth -> intDiv(tenth * (r - 1), 10) < reached - n, range(1, 10)), r_sums, rs) AS tenths,
               arrayMap(tenth -> arraySum((n, own) -> if(own = tenth, n, 0), rs, tenths) / r, range(10)) AS p,
               arrayMap(tenth -> arraySum((n, own) -> if(own = tenth, n, 0), ws, tenths) / w, range(10)) AS q,
               arrayMax((a, b) -> abs(a / r - b / w), r_sums, w_sums) AS ks,
               arrayMax((a, b) -> greatest(a / r, b / w), rs, ws) AS ks_error
        FROM numbers
    ),
    categories AS
    (
        SELECT feature, toInt64(sumIf(rows, in_reference)) AS r, toInt64(sumIf(rows, in_window)) AS w,
               approx_top_sumMergeIf(100)(top, in_reference) AS r_top, approx_top_sumMergeIf(100)(top, in_window) AS w_top,
               mapFromArrays(r_top.1, arrayMap((n, too_many) -> n - too_many, r_top.2, r_top.3)) AS rs,
               mapFromArrays(w_top.1, arrayMap((n, too_many) -> n - too_many, w_top.2, w_top.3)) AS ws
        FROM
        (
            SELECT feature, rows, top,
               hour >= {reference_from:DateTime('UTC')} AND hour < {reference_until:DateTime('UTC')}
                   AND version = ifNull({reference_version:Nullable(String)}, version) AS in_reference,
               hour >= {from:DateTime('UTC')} AND hour < {until:DateTime('UTC')}
                   AND version = ifNull({version:Nullable(String)}, version) AS in_window
            FROM feature_profile_categories WHERE model = {model:String} AND (in_reference OR in_window)
        )
        GROUP BY feature
    ),
    category_shares AS
    (
        SELECT feature, r, w,
               arrayFilter(name -> (mapContains(rs, name) OR arraySum(mapValues(rs)) = r)
                               AND (mapContains(ws, name) OR arraySum(mapValues(ws)) = w),
                           arrayDistinct(arrayConcat(mapKeys(rs), mapKeys(ws)))) AS names,
               arrayMap(name -> rs[name] / r, names) AS known_p, arrayPushBack(known_p, 1 - arraySum(known_p)) AS p,
               arrayMap(name -> ws[name] / w, names) AS known_q, arrayPushBack(known_q, 1 - arraySum(known_q)) AS q
        FROM categories
    )
SELECT feature, side.1 AS kind, side.2 AS reference_values, side.3 AS values,
       r_nulls / (r_rows + texts_of_reference) AS reference_null_rate, w_nulls / (w_rows + texts_of_window) AS null_rate,
       if(kind = 'number', r_total / reference_values, nan) AS reference_mean, if(kind = 'number', w_total / values, nan) AS mean,
       if(reference_values > 0 AND values > 0, arraySum((a, b) -> (greatest(b, 1e-4) - greatest(a, 1e-4)) * log(greatest(b, 1e-4) / greatest(a, 1e-4)), side.4, side.5), nan) AS psi,
       if(reference_values > 0 AND values > 0, sqrt(greatest(arraySum((a, b) -> if(a > 0, a * log2(2 * a / (a + b)), 0) + if(b > 0, b * log2(2 * b / (a + b)), 0), side.4, side.5) / 2, 0)), nan) AS jensen_shannon,
       side.6 AS ks, side.7 AS ks_error
FROM
(
    SELECT feature, r_rows, w_rows, r_nulls, w_nulls, r_total, w_total, c.r AS texts_of_reference, c.w AS texts_of_window,
           arrayFilter(side -> side.2 + side.3 > 0, [('number', n.r, n.w, n.p, n.q, n.ks, n.ks_error), ('category', c.r, c.w, c.p, c.q, nan, nan)]) AS sides
    FROM number_shares AS n FULL JOIN category_shares AS c USING (feature)
)
ARRAY JOIN sides AS side
COMMENT 'How far the features of a model in the hours that begin in [from, until) are from those in [reference_from, reference_until): feature_drift(model = ''fraud'', reference_from = ''2026-01-01 00:00:00'', reference_until = ''2026-01-08 00:00:00'', from = ''2026-01-08 00:00:00'', until = ''2026-01-09 00:00:00''), in UTC; reference_version = ''3'' and version = ''4'' take only those versions. Of texts beyond the hundred most frequent only those that are known of both windows count by themselves, the others together.';

CREATE OR REPLACE VIEW feature_drift_exact
(
    feature             String COMMENT 'Name of the feature.',
    kind                String COMMENT 'number or category: a row for each where a feature is sometimes the one, sometimes the other.',
    reference_values    UInt64 COMMENT 'Values in the reference, without nulls.',
    values              UInt64 COMMENT 'Values in the window, without nulls.',
    reference_null_rate Float64 COMMENT 'Share of nulls in the reference, of the predictions that carry the feature.',
    null_rate           Float64 COMMENT 'The same in the window.',
    reference_mean      Float64 COMMENT 'Mean in the reference; NaN for texts.',
    mean                Float64 COMMENT 'Mean in the window; NaN for texts.',
    psi                 Float64 COMMENT 'Population stability index; by custom small below 0.1 and large from 0.2 on. NaN where the reference or the window has no values.',
    jensen_shannon      Float64 COMMENT 'Jensen-Shannon distance, from 0 (the same) to 1 (nothing in common).',
    ks                  Float64 COMMENT 'Largest distance of the two distribution functions, 0 to 1; NaN for texts.',
    ks_p_value          Float64 COMMENT 'How often equal distributions would be at least so far apart, asymptotically.'
)
AS
WITH
    carried AS
    (
        SELECT features, categories,
               timestamp >= {reference_from:DateTime64(3, 'UTC')} AND timestamp < {reference_until:DateTime64(3, 'UTC')}
                   AND version = ifNull({reference_version:Nullable(String)}, version) AS in_reference,
               timestamp >= {from:DateTime64(3, 'UTC')} AND timestamp < {until:DateTime64(3, 'UTC')}
                   AND version = ifNull({version:Nullable(String)}, version) AS in_window,
               arrayJoin(arrayFilter(side -> if(side = 0, in_reference, in_window), [0, 1])) AS side
        FROM predictions WHERE model = {model:String} AND (in_reference OR in_window)
    ),
    null_rates AS
    (
        SELECT feature, avgIf(missing, side = 0) AS reference_null_rate, avgIf(missing, side = 1) AS null_rate
        FROM
        (
            SELECT side, feature, isNaN(number) AS missing
            FROM carried ARRAY JOIN mapKeys(features) AS feature, mapValues(features) AS number
            UNION ALL
            SELECT side, arrayJoin(mapKeys(categories)), 0 FROM carried
        )
        GROUP BY feature
    ),
    number_shares AS
    (
        SELECT feature, 'number' AS kind, length(rs) AS r, length(ws) AS w,
               arraySum(rs) / r AS reference_mean, arraySum(ws) / w AS mean,
               arrayMap(edge -> arrayCount(number -> number > edge, rs) / r, edges) AS r_above,
               arrayMap(edge -> arrayCount(number -> number > edge, ws) / w, edges) AS w_above,
               arrayMap((a, b) -> a - b, arrayPushFront(r_above, 1.), arrayPushBack(r_above, 0.)) AS p,
               arrayMap((a, b) -> a - b, arrayPushFront(w_above, 1.), arrayPushBack(w_above, 0.)) AS q,
               arrayReduce('kolmogorovSmirnovTest(''two-sided'', ''asymptotic'')',
                           arrayConcat(if(r > 0, rs, [0.]), if(w > 0, ws, [0.])),
                           arrayConcat(arrayWithConstant(greatest(r, 1), 0), arrayWithConstant(greatest(w, 1), 1))) AS test,
               if(r > 0 AND w > 0, test.1, nan) AS ks, if(r > 0 AND w > 0, test.2, nan) AS ks_p_value
        FROM
        (
            SELECT feature, groupArrayIf(number, side = 0) AS rs, groupArrayIf(number, side = 1) AS ws,
                   quantilesExactInclusiveIf(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)(number, side = 0) AS edges
            FROM carried ARRAY JOIN mapKeys(features) AS feature, mapValues(features) AS number
            WHERE NOT isNaN(number)
            GROUP BY feature
        )
    ),
    category_shares AS
    (
        SELECT feature, 'category' AS kind, arraySum(rs) AS r, arraySum(ws) AS w, nan AS reference_mean, nan AS mean,
               arrayMap(n -> n / r, rs) AS p, arrayMap(n -> n / w, ws) AS q, nan AS ks, nan AS ks_p_value
        FROM
        (
            SELECT feature, groupArray(n_reference) AS rs, groupArray(n_window) AS ws
            FROM
            (
                SELECT feature, category, countIf(side = 0) AS n_reference, countIf(side = 1) AS n_window
                FROM carried ARRAY JOIN mapKeys(categories) AS feature, mapValues(categories) AS category
                GROUP BY feature, category
            )
            GROUP BY feature
        )
    )
SELECT feature, kind, r AS reference_values, w AS values, reference_null_rate, null_rate, reference_mean, mean,
       if(r > 0 AND w > 0, arraySum((a, b) -> (greatest(b, 1e-4) - greatest(a, 1e-4)) * log(greatest(b, 1e-4) / greatest(a, 1e-4)), p, q), nan) AS psi,
       if(r > 0 AND w > 0, sqrt(greatest(arraySum((a, b) -> if(a > 0, a * log2(2 * a / (a + b)), 0) + if(b > 0, b * log2(2 * b / (a + b)), 0), p, q) / 2, 0)), nan) AS jensen_shannon,
       ks, ks_p_value
FROM
(
    SELECT * EXCEPT (r_above, w_above, test) FROM number_shares
    UNION ALL
    SELECT * FROM category_shares
) AS shares
LEFT JOIN null_rates USING (feature)
COMMENT 'The same as feature_drift from the predictions themselves, for windows to the millisecond and without bins: feature_drift_exact(model = ''fraud'', reference_from = ''2026-01-01 00:00:00'', reference_until = ''2026-01-08 00:00:00'', from = ''2026-01-08 09:30:00.250'', until = ''2026-01-08 10:00:00''), also with reference_version and version. All values of both windows are held in memory, some 40 bytes for each.';
