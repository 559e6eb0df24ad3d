"""``driftline budget``."""

from driftline.output import AsJson, Row, show
from driftline_schemas import ModelSpec

_SQL = """
WITH
    -- NULL where a model has no specification: everything counts then
    specs AS (SELECT model, spec, toNullable(offset) AS begin FROM model_specs),
    traffic AS
    (
        SELECT model, any(spec) AS spec, count() AS predictions,
               toFloat64(max(timestamp) - min(timestamp)) / 86400 AS days
        FROM predictions LEFT JOIN specs USING (model) WHERE offset >= ifNull(begin, 0) GROUP BY model
    ),
    alarms AS
    (
        SELECT model, countIf(kind = 'quality') AS quality, count() - quality AS drifts
        FROM drifts LEFT JOIN specs USING (model)
        WHERE offset >= ifNull(begin, 0)
          AND (kind IN ('data-drift', 'prediction-drift', 'latency') OR kind = 'quality' AND feature != '')
        GROUP BY model
    ),
    evidence AS
    (
        SELECT model, argMax(feature, statistic / threshold) AS nearest, max(statistic / threshold) AS of_threshold
        FROM
        (
            SELECT model, feature, argMax(statistic, offset) AS statistic, argMax(threshold, offset) AS threshold
            FROM detector_values WHERE detector IN ('e-detector', 'null-rate', 'frozen') GROUP BY model, feature
        )
        GROUP BY model
    )
SELECT traffic.model AS model, spec, predictions, days, drifts, quality, nearest, of_threshold
FROM traffic LEFT JOIN alarms ON alarms.model = traffic.model LEFT JOIN evidence ON evidence.model = traffic.model
ORDER BY model
"""

_COLUMNS = ("model", "promise", "allowed", "drifts", "quality", "nearest", "evidence")


def budget(as_json: AsJson = False) -> None:
    """Show each model's budget of false alarms about its data: what is promised, and what was told.

    `allowed` is how many of the alarms so far may be false, on average; how many of those told were false nobody
    knows but their readers. It counts from the specification in force on. `nearest` is the feature with the most
    evidence now, `evidence` how much of what an alarm needs.
    """
    from driftline import store
    from driftline.addresses import settings

    rows = [_row(found) for found in store.rows(settings().clickhouse, _SQL)]
    show(rows, empty="No model has been seen yet.", as_json=as_json, columns=_COLUMNS)


def _row(found: Row) -> Row:
    model, text = str(found["model"]), str(found["spec"])
    spec = ModelSpec.model_validate_json(text) if text else ModelSpec(model=model, timestamp_ms=0)
    promise, used = f"1 in {spec.budget_events:,.0f} events", float(str(found["predictions"])) / spec.budget_events
    if spec.budget_days is not None:
        promise, used = f"1 in {spec.budget_days:g} days", float(str(found["days"])) / spec.budget_days
    kept = spec.detectors.features == "e-detector"
    return {
        "model": model,
        "promise": promise if kept else f"none: {spec.detectors.features} keeps no budget",
        "predictions": found["predictions"],
        "days": found["days"],
        "allowed": used if kept else None,
        "drifts": found["drifts"],
        "quality": found["quality"],
        "nearest": found["nearest"] if kept else None,
        "evidence": found["of_threshold"] if kept else None,
    }
