"""The features of a model, by how far they have drifted: what they were and what they are."""

from collections.abc import Iterable, Mapping, Sequence

from driftline_dashboard.histogram import bars, from_bins, tenths
from driftline_dashboard.queries.base import Answer, Figure
from driftline_dashboard.stability import STABLE, stability_index, stability_noise
from driftline_dashboard.store import Row, Store
from driftline_dashboard.windows import Window

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
        kind: `number` or `category`; a feature that is sometimes the one, sometimes the other is there twice.
        stability_index: Population stability index of the two; null where one side has no values, or both are the same.
        noise: What that stays below 99 times in 100 when nothing has changed.
        changed: Whether the index is above 0.1 and above the noise.
        reference_mean: Mean of its numbers in the reference.
        current_mean: Mean now.
        reference_missing: Share of its values that were null, 0 to 1.
        current_missing: The same now.
        reference_values: Predictions of the reference that carry it, null or not.
        current_values: Predictions now that carry it.
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


# The tables, not the view `feature_drift`: that also tells distances which nobody looks at here, and has no bars. The
# tenths and categories are the same as there.
_SIDES = """
WITH hour >= fromUnixTimestamp64Milli({reference_begin_ms:Int64})
         AND hour < fromUnixTimestamp64Milli({reference_end_ms:Int64})
         AND ({compare:String} = '' OR version = {compare:String}) AS past,
     hour >= fromUnixTimestamp64Milli({begin_ms:Int64}) AND hour < fromUnixTimestamp64Milli({end_ms:Int64})
         AND ({version:String} = '' OR version = {version:String}) AS now
"""
_NUMBERS = f"""
{_SIDES}
SELECT feature, sumIf(nulls, past) AS past_nulls, sumIf(nulls, now) AS now_nulls,
       sumIf(total, past) AS past_total, sumIf(total, now) AS now_total,
       sumMapIf(bins, past) AS past_bins, sumMapIf(bins, now) AS now_bins
FROM feature_profile_numbers WHERE model = {{model:String}} AND (past OR now)
GROUP BY feature ORDER BY feature LIMIT {{features:UInt32}}
"""  # noqa: S608 - of names of our own
_TEXTS = f"""
{_SIDES}
SELECT feature, sumIf(rows, past) AS past_values, sumIf(rows, now) AS now_values,
       approx_top_sumMergeIf(100)(top, past) AS past_top, approx_top_sumMergeIf(100)(top, now) AS now_top
FROM feature_profile_categories WHERE model = {{model:String}} AND (past OR now)
GROUP BY feature ORDER BY feature LIMIT {{features:UInt32}}
"""  # noqa: S608 - of names of our own


def features(
    store: Store, model: str, window: Window, *, reference: Window, version: str = "", compare: str = ""
) -> list[FeatureDrift]:
    """The features of a model, the most drifted first.

    Args:
        store: Where to ask.
        model: Its name.
        window: What is current; of this and of the reference every hour counts whole.
        reference: What it is compared with.
        version: Of this version only; of all when empty.
        compare: The version that the reference is of; all when empty.
    """
    past = reference.whole_hours.parameters
    asked = {"model": model, "version": version, "compare": compare, "features": FEATURES}
    asked |= {"reference_begin_ms": past["begin_ms"], "reference_end_ms": past["end_ms"]}
    asked |= window.whole_hours.parameters
    both = [store.ask(sql, **asked) for sql in (_NUMBERS, _TEXTS)]
    numbers, texts = ({row["feature"]: row for row in answer()} for answer in both)
    found = [_number(row) for name, row in numbers.items() if row["past_bins"] or row["now_bins"] or name not in texts]
    found += [_category(row, numbers.get(name, {})) for name, row in texts.items()]
    return sorted(found, key=lambda f: (not f.changed, -(f.stability_index or 0), f.feature))


def _number(row: Row) -> FeatureDrift:
    histograms = from_bins(row["past_bins"], row["now_bins"])
    counts = int(histograms.reference.sum()), int(histograms.current.sum())
    drawn = bars(histograms, BARS) if any(counts) else histograms
    return _drift(
        row,
        "number",
        tenths(histograms) if all(counts) else ([], []),
        counts=counts,
        nulls=(row["past_nulls"], row["now_nulls"]),
        bars=_bars([f"{end:.4g}" for end in drawn.lower_ends], drawn.reference, drawn.current, counts),
        means=(
            row["past_total"] / counts[0] if counts[0] else None,
            row["now_total"] / counts[1] if counts[1] else None,
        ),
    )


def _category(row: Row, numbers: Row) -> FeatureDrift:
    past, now = _texts(row["past_top"]), _texts(row["now_top"])
    counts = row["past_values"], row["now_values"]
    names = sorted({*past, *now}, key=lambda name: (-past.get(name, 0) - now.get(name, 0), name))
    known = [name for name in names if _is_known(name, past, counts[0]) and _is_known(name, now, counts[1])]
    sides = [[side.get(name, 0) for name in known] for side in (past, now)]
    shown = known[:CATEGORIES]
    return _drift(
        row,
        "category",
        ([*sides[0], counts[0] - sum(sides[0])], [*sides[1], counts[1] - sum(sides[1])]),
        counts=counts,
        nulls=(numbers.get("past_nulls", 0), numbers.get("now_nulls", 0)),
        bars=_bars([name[:80] for name in shown], sides[0], sides[1], counts),
    )


def _texts(top: Iterable[Row]) -> dict[str, int]:
    """How often each of the most frequent texts came, at least: what the sketch says, less what may be too much."""
    return {each["item"]: each["count"] - each["error"] for each in top}


def _is_known(name: str, texts: Mapping[str, int], values: int) -> bool:
    """Whether it is known how often a text came: it is among the most frequent, or these are all."""
    return name in texts or sum(texts.values()) == values


def _drift(
    row: Row,
    kind: str,
    compared: tuple[Sequence[int], Sequence[int]],
    *,
    counts: tuple[int, int],
    nulls: tuple[int, int],
    bars: list[Bar],
    means: tuple[float | None, float | None] = (None, None),
) -> FeatureDrift:
    index = noise = None
    if all(counts) and compared[0] != compared[1]:  # equal ones are of the same hours
        past, now = zip(*(pair for pair in zip(*compared, strict=True) if any(pair)), strict=True)
        index, noise = stability_index(past, now), stability_noise(len(past), *counts)
    carried = counts[0] + nulls[0], counts[1] + nulls[1]
    return FeatureDrift(
        feature=row["feature"],
        kind=kind,
        stability_index=index,
        noise=noise,
        changed=index is not None and noise is not None and index > max(STABLE, noise),
        reference_mean=means[0],
        current_mean=means[1],
        reference_missing=nulls[0] / max(carried[0], 1),
        current_missing=nulls[1] / max(carried[1], 1),
        reference_values=carried[0],
        current_values=carried[1],
        bars=bars,
    )


def _bars(labels: Sequence[str], past: Iterable[int], now: Iterable[int], counts: tuple[int, int]) -> list[Bar]:
    before, after = max(counts[0], 1), max(counts[1], 1)
    return [
        Bar(label=label, reference=a / before, current=b / after)
        for label, a, b in zip(labels, past, now, strict=False)
    ]
