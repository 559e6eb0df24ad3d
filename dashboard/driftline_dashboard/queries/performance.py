"""How good a model's predictions were, over time, by version."""

from datetime import datetime

from driftline_dashboard.queries.base import Answer, Figure
from driftline_dashboard.store import Later, Store
from driftline_dashboard.windows import Window


class PerformancePoint(Answer):
    """The labels in force of the predictions of one stretch of time.

    Attributes:
        at: When it begins.
        version: The version that predicted.
        labels: Predictions whose label is known.
        accuracy: Share of them that were right, 0 to 1; null for numbers.
        mae: Mean absolute error; null for classes.
        delay_seconds: Median time from the prediction to its label.
        delay_p95_seconds: What 95 % of the labels did not take longer than.
    """

    at: datetime
    version: str
    labels: int
    accuracy: Figure
    mae: Figure
    delay_seconds: Figure
    delay_p95_seconds: Figure


# The table by hours, not the view `outcomes`: labels in force are read of this time alone. Only what never changes of a
# label may stand in PREWHERE. A retracted label has no error.
_POINTS = """
SELECT toDateTime(intDiv(toUnixTimestamp64Milli(predicted_at), 1000 * {step:Int64}) * {step:Int64}, 'UTC') AS at,
       version, count() AS labels,
       1 - avgIf(error, isNaN(prediction_value - label_value)) AS accuracy,
       avgIf(error, NOT isNaN(prediction_value - label_value)) AS mae,
       quantiles(0.5, 0.95)((toUnixTimestamp64Milli(timestamp) - toUnixTimestamp64Milli(predicted_at)) / 1000) AS delays
FROM label_index FINAL
PREWHERE model = {model:String} AND predicted_at >= fromUnixTimestamp64Milli({begin_ms:Int64})
     AND predicted_at < fromUnixTimestamp64Milli({end_ms:Int64})
WHERE NOT isNaN(error) AND ({version:String} = '' OR version IN ({version:String}, {compare:String}))
GROUP BY at, version ORDER BY at, version LIMIT 5000
"""


def performance(
    store: Store, model: str, window: Window, step_seconds: int, version: str = "", compare: str = ""
) -> Later[list[PerformancePoint]]:
    """A model's performance in pieces, by the time of the prediction.

    Args:
        store: Where to ask.
        model: Its name.
        window: Which time.
        step_seconds: Length of the pieces.
        version: This version only; all when empty.
        compare: And this one.
    """
    asked = {"model": model, "version": version, "compare": compare, "step": step_seconds}
    rows = store.ask(_POINTS, **asked, **window.parameters)
    return lambda: [
        PerformancePoint.model_validate(
            {**row, "delay_seconds": row["delays"][0], "delay_p95_seconds": row["delays"][1]}
        )
        for row in rows()
    ]
