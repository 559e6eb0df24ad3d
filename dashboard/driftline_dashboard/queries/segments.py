"""How good a model is in each segment of its traffic."""

from driftline_dashboard.queries.base import Answer, Figure
from driftline_dashboard.store import Store
from driftline_dashboard.windows import Window


class SegmentPerformance(Answer):
    """The labels in force of one segment's predictions.

    Attributes:
        tag: Such as country.
        value: Such as DE.
        labels: Predictions whose label is known.
        accuracy: Share of them that were right, 0 to 1; null for numbers.
        mae: Mean absolute error; null for classes.
        accuracy_before: Accuracy in the window of the same length before.
        mae_before: Mean absolute error there.
    """

    tag: str
    value: str
    labels: int
    accuracy: Figure
    mae: Figure
    accuracy_before: Figure
    mae_before: Figure


# Read as the points of `performance` are.
_SEGMENTS = """
SELECT tag, value, countIf(now) AS labels, avgIf(1 - error, now AND classified) AS accuracy,
       avgIf(error, now AND NOT classified) AS mae, avgIf(1 - error, NOT now AND classified) AS accuracy_before,
       avgIf(error, NOT now AND NOT classified) AS mae_before
FROM
(
    SELECT segment, error, isNaN(prediction_value - label_value) AS classified,
           predicted_at >= fromUnixTimestamp64Milli({begin_ms:Int64}) AS now
    FROM label_index FINAL
    PREWHERE model = {model:String} AND predicted_at >= fromUnixTimestamp64Milli({before_ms:Int64})
         AND predicted_at < fromUnixTimestamp64Milli({end_ms:Int64})
    WHERE NOT isNaN(error) AND ({version:String} = '' OR version = {version:String})
)
ARRAY JOIN mapKeys(segment) AS tag, mapValues(segment) AS value
GROUP BY tag, value HAVING labels > 0 ORDER BY labels DESC LIMIT 100
"""


def segments(store: Store, model: str, window: Window, version: str = "") -> list[SegmentPerformance]:
    """The hundred largest segments of a model in a window, and how they were in the one before."""
    begin, end = window.parameters["begin_ms"], window.parameters["end_ms"]
    before = max(0, begin - (end - begin))
    rows = store.rows(_SEGMENTS, model=model, version=version, before_ms=before, begin_ms=begin, end_ms=end)
    return [SegmentPerformance.model_validate(row) for row in rows]
