-- The same distances as in 023, in three quarters of the time. A row of the profile holds a histogram of hundreds of
-- bins, but ClickHouse takes it for one row and would give all hours of a model to a single thread. Histograms are
-- summed once, and differences of maps keep the bins of both: sums of pairs of arrays take six times as long. The tenth
-- of a bin is told by one division: of the nine bounds of the tenths, (values - 1) * tenth / 10, those are before a bin
-- that are smaller than the values before it. Tenths that no value fell into add nothing to any distance. A common
-- table expression is planned anew wherever it is named: so steps stand in each other.

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
    hour >= {reference_from:DateTime('UTC')} AND hour < {reference_until:DateTime('UTC')}
        AND ifNull(version = {reference_version:Nullable(String)}, 1) AS in_reference,
    hour >= {from:DateTime('UTC')} AND hour < {until:DateTime('UTC')}
        AND ifNull(version = {version:Nullable(String)}, 1) AS in_window
SELECT feature, side.1 AS kind, side.2 AS reference_values, side.3 AS values,
       r_nulls / (r_rows + texts_of_reference) AS reference_null_rate, w_nulls / (w_rows + texts_of_window) AS null_rate,
       r_total / reference_values + side.8 AS reference_mean, w_total / values + side.8 AS mean,
       arraySum((a, b) -> (greatest(b, 1e-4) - greatest(a, 1e-4)) * log(greatest(b, 1e-4) / greatest(a, 1e-4)), side.4, side.5) + 0 * log(least(reference_values, values)) AS psi,
       sqrt(greatest(arraySum((a, b) -> if(a > 0, a * log2(2 * a / (a + b)), 0) + if(b > 0, b * log2(2 * b / (a + b)), 0), side.4, side.5) / 2, 0)) + 0 * log(least(reference_values, values)) AS jensen_shannon,
       side.6 AS ks, side.7 AS ks_error
FROM
(
    SELECT feature, r_rows, w_rows, r_nulls, w_nulls, r_total, w_total, c.r AS texts_of_reference, c.w AS texts_of_window,
           arrayFilter(side -> side.2 + side.3 > 0, [('number', n.r, n.w, n.p, n.q, n.ks, n.ks_error, 0), ('category', c.r, c.w, c.p, c.q, nan, nan, nan)]) AS sides
    FROM
    (
        SELECT feature, r_rows, w_rows, r_nulls, w_nulls, r_total, w_total,
               toInt64(r_rows - r_nulls) AS r, toInt64(w_rows - w_nulls) AS w, mapAdd(r_bins, w_bins) AS bins,
               mapValues(mapSubtract(bins, w_bins)) AS rs, mapValues(mapSubtract(bins, r_bins)) AS ws,
               arrayCumSum(rs) AS r_sums, arrayCumSum(ws) AS w_sums,
               arrayMap((reached, n) -> least(9, greatest(0, intDiv(10 * (reached - n) - 1, greatest(r - 1, 1)))), r_sums, rs) AS tenths,
               arrayReduce('sumMap', [tenths], [rs], [ws]) AS by_tenth,
               arrayMap(n -> n / r, by_tenth.2) AS p,
               arrayMap(n -> n / w, by_tenth.3) AS q,
               arrayMax((a, b) -> abs(a / r - b / w), r_sums, w_sums) AS ks,
               arrayMax((a, b) -> greatest(a / r, b / w), rs, ws) AS ks_error
        FROM
        (
            SELECT feature, sumIf(rows, in_reference) AS r_rows, sumIf(rows, in_window) AS w_rows,
                   sumIf(nulls, in_reference) AS r_nulls, sumIf(nulls, in_window) AS w_nulls,
                   sumIf(total, in_reference) AS r_total, sumIf(total, in_window) AS w_total,
                   sumMapIf(bins, in_reference) AS r_bins, sumMapIf(bins, in_window) AS w_bins
            FROM feature_profile_numbers WHERE model = {model:String} AND (in_reference OR in_window)
            GROUP BY feature
            SETTINGS merge_tree_min_rows_for_concurrent_read = 1, merge_tree_min_bytes_for_concurrent_read = 1
        )
    ) AS n
    FULL JOIN
    (
        SELECT feature, r, w,
               arrayFilter(name -> (mapContains(rs, name) OR arraySum(mapValues(rs)) = r)
                               AND (mapContains(ws, name) OR arraySum(mapValues(ws)) = w),
                           arrayDistinct(arrayConcat(mapKeys(rs), mapKeys(ws)))) AS names,
               arrayMap(name -> rs[name] / r, names) AS known_p, arrayPushBack(known_p, 1 - arraySum(known_p)) AS p,
               arrayMap(name -> ws[name] / w, names) AS known_q, arrayPushBack(known_q, 1 - arraySum(known_q)) AS q
        FROM
        (
            SELECT feature, toInt64(sumIf(rows, in_reference)) AS r, toInt64(sumIf(rows, in_window)) AS w,
                   approx_top_sumMergeIf(100)(top, in_reference) AS r_top, approx_top_sumMergeIf(100)(top, in_window) AS w_top,
                   mapFromArrays(r_top.1, arrayMap((n, too_many) -> n - too_many, r_top.2, r_top.3)) AS rs,
                   mapFromArrays(w_top.1, arrayMap((n, too_many) -> n - too_many, w_top.2, w_top.3)) AS ws
            FROM feature_profile_categories WHERE model = {model:String} AND (in_reference OR in_window)
            GROUP BY feature
        )
    ) AS c USING (feature)
)
ARRAY JOIN sides AS side
COMMENT 'How far the features of a model in the hours that begin in [from, until) are from those in [reference_from, reference_until): feature_drift(model = ''fraud'', reference_from = ''2026-01-01 00:00:00'', reference_until = ''2026-01-08 00:00:00'', from = ''2026-01-08 00:00:00'', until = ''2026-01-09 00:00:00''), in UTC; reference_version = ''3'' and version = ''4'' take only those versions. Of texts beyond the hundred most frequent only those that are known of both windows count by themselves, the others together.';
