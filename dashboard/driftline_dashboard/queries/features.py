"""The features of a model, by how far they have drifted: what they were and what they are."""

import math
from collections.abc import Mapping, Sequence
from typing import TypeVar

from driftline_dashboard.queries.base import Answer, Figure
from driftline_dashboard.stability import STABLE, stability_index, stability_noise
from driftline_dashboard.store import Row, Store
from driftline_dashboard.windows import Window

SAMPLE = 2_000
"""Predictions that are compared on each side, about."""

K = TypeVar("K")

FEATURES = 200
BARS = 20
CATEGORIES = 12


class Bar(Answer):
    """A bar of two histograms.

    Attributes:
        label: The category; or, of numbers, the lower end of the bar.
        reference: Share of the reference's values in it, 0 to 1.
        current: Share of the current values.
    """

    label: str
    reference: float
    current: float


class FeatureDrift(Answer):
    """A feature, then and now.

    Attributes:
        feature: Its name.
        kind: `number` or `category`.
        stability_index: Population stability index of the two; null where one side has no values.
        noise: What that stays below 99 times in 100 when nothing has changed.
        changed: Whether the index is above 0.1 and above the noise.
        reference_mean: Mean of its numbers in the reference.
        current_mean: Mean now.
        reference_missing: Share of its values that were null, 0 to 1.
        current_missing: The same now.
        reference_values: Predictions of the reference that carry it, in the sample.
        current_values: Predictions now, in the sample.
        bars: The two histograms.
    """

    feature: str
    kind: str
    stability_index: Figure
    noise: Figure
    changed: bool
    reference_mean: Figure
    current_mean: Figure
    reference_missing: float
    current_missing: float
    reference_values: int
    current_values: int
    bars: list[Bar]


# The window's sample is every n-th prediction by the hash of its id, so that it is the same at each look.
_SAMPLED = """
WITH sampled AS
(
    SELECT true AS past, features, categories FROM
    (
        SELECT features, categories FROM prediction_log
        WHERE model = {model:String} AND ({compare:String} = '' OR version = {compare:String})
          AND timestamp >= fromUnixTimestamp64Milli({reference_begin_ms:Int64})
          AND timestamp < fromUnixTimestamp64Milli({reference_end_ms:Int64})
        ORDER BY model, toStartOfHour(timestamp), event_id LIMIT {sample:UInt32}
    )
    UNION ALL
    SELECT false AS past, features, categories FROM
    (
        SELECT features, categories FROM prediction_log
        WHERE model = {model:String} AND ({version:String} = '' OR version = {version:String})
          AND timestamp >= fromUnixTimestamp64Milli({begin_ms:Int64})
  AND timestamp < fromUnixTimestamp64Milli({end_ms:Int64})
          AND cityHash64(event_id) % {stride:UInt32} = 0
        LIMIT 2 * {sample:UInt32}
    )
)
"""
_SAMPLED_NUMBERS = """
, valued AS
(
    SELECT past, pair.1 AS feature, pair.2 AS value
    FROM sampled ARRAY JOIN CAST(features, 'Array(Tuple(String, Float64))') AS pair
),
bounds AS
(
    SELECT feature, minIf(value, past) AS lowest, maxIf(value, past) AS highest,
           arrayDistinct(quantilesIf(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)(value, past)) AS edges,
           quantile(0.005)(value) AS low, quantile(0.995)(value) AS high
    FROM valued WHERE NOT isNaN(value) GROUP BY feature
)
SELECT feature, any(low) AS low, any(high) AS high, any(length(edges)) AS edges,
       avgIf(value, past AND NOT missing) AS reference_mean, avgIf(value, NOT past AND NOT missing) AS current_mean,
       countIf(past AND missing) AS reference_missing, countIf(NOT past AND missing) AS current_missing,
       sumMapIf(map(bin, 1), past AND NOT missing) AS reference_bins,
       sumMapIf(map(bin, 1), NOT past AND NOT missing) AS current_bins,
       sumMapIf(map(bar, 1), past AND NOT missing) AS reference_bars,
       sumMapIf(map(bar, 1), NOT past AND NOT missing) AS current_bars
FROM
(
    SELECT past, feature, value, isNaN(value) AS missing, low, high, edges,
           toInt32(multiIf(value < lowest, 0, value > highest, length(edges) + 2,
                           1 + arrayCount(edge -> value > edge, edges))) AS bin,
           toInt32(if(high > low, floor((value - low) / (high - low) * {bars:UInt8}), 0)) AS place,
           greatest(0, least({bars:UInt8} - 1, place)) AS bar
    FROM valued LEFT JOIN bounds USING feature
)
GROUP BY feature ORDER BY feature LIMIT {features:UInt32}
"""
_SAMPLED_CATEGORIES = """
SELECT feature, sumMapIf(map(value, 1), past) AS reference_bins, sumMapIf(map(value, 1), NOT past) AS current_bins
FROM
(
    SELECT past, pair.1 AS feature, left(pair.2, 80) AS value
    FROM sampled ARRAY JOIN CAST(categories, 'Array(Tuple(String, String))') AS pair
)
GROUP BY feature ORDER BY feature LIMIT {features:UInt32}
"""


def features(
    store: Store, model: str, window: Window, *, reference: Window, current: int, version: str = "", compare: str = ""
) -> list[FeatureDrift]:
    """The features of a model, the most drifted first.

    Args:
        store: Where to ask.
        model: Its name.
        window: What is current.
        reference: Its first predictions, `SAMPLE` at most, are what it is compared with.
        current: How many predictions the window has, about.
        version: Of this version only; of all when empty.
        compare: The version whose predictions they are; all when empty.
    """
    asked = {"model": model, "version": version, "compare": compare, "features": FEATURES, **window.parameters}
    stride = max(1, math.ceil(current / SAMPLE))
    past = reference.parameters
    asked |= {"sample": SAMPLE, "stride": stride}
    asked |= {"reference_begin_ms": past["begin_ms"], "reference_end_ms": past["end_ms"]}
    found = [_number(row) for row in store.rows(_SAMPLED + _SAMPLED_NUMBERS, **asked, bars=BARS)]
    found += [_category(row) for row in store.rows(_SAMPLED + _SAMPLED_CATEGORIES, **asked)]
    return sorted(found, key=lambda f: (not f.changed, -(f.stability_index or 0), f.feature))


def _number(row: Row) -> FeatureDrift:
    bins = range(row["edges"] + 3)
    width = (row["high"] - row["low"]) / BARS
    labels = {bar: f"{row['low'] + bar * width:.4g}" for bar in range(BARS if width else 1)}
    return _drift(
        row["feature"],
        "number",
        [row["reference_bins"].get(bin_, 0) for bin_ in bins],
        [row["current_bins"].get(bin_, 0) for bin_ in bins],
        _bars(labels, row["reference_bars"], row["current_bars"]),
        reference_mean=row["reference_mean"],
        current_mean=row["current_mean"],
        missing=(row["reference_missing"], row["current_missing"]),
    )


def _category(row: Row) -> FeatureDrift:
    past, now = row["reference_bins"], row["current_bins"]
    frequent = sorted({*past, *now}, key=lambda name: (-past.get(name, 0) - now.get(name, 0), name))
    labels = {name: name for name in frequent[:CATEGORIES]}
    return _drift(
        row["feature"],
        "category",
        [past.get(name, 0) for name in frequent],
        [now.get(name, 0) for name in frequent],
        _bars(labels, past, now),
    )


def _drift(
    feature: str,
    kind: str,
    past: Sequence[int],
    now: Sequence[int],
    bars: list[Bar],
    *,
    reference_mean: float | None = None,
    current_mean: float | None = None,
    missing: tuple[int, int] = (0, 0),
) -> FeatureDrift:
    counts = sum(past), sum(now)
    index = stability_index(past, now) if all(counts) else None
    noise = stability_noise(len(past), *counts) if all(counts) else None
    carried = counts[0] + missing[0], counts[1] + missing[1]
    return FeatureDrift(
        feature=feature,
        kind=kind,
        stability_index=index,
        noise=noise,
        changed=index is not None and noise is not None and index > max(STABLE, noise),
        reference_mean=reference_mean,
        current_mean=current_mean,
        reference_missing=missing[0] / max(carried[0], 1),
        current_missing=missing[1] / max(carried[1], 1),
        reference_values=carried[0],
        current_values=carried[1],
        bars=bars,
    )


def _bars(labels: Mapping[K, str], past: Mapping[K, int], now: Mapping[K, int]) -> list[Bar]:
    before, after = max(sum(past.values()), 1), max(sum(now.values()), 1)
    return [
        Bar(label=label, reference=past.get(key, 0) / before, current=now.get(key, 0) / after)
        for key, label in labels.items()
    ]
