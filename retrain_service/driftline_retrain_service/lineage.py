"""Where a version of a model comes from: back to its training, the retrain, the drifts, and the events in the log."""

from collections.abc import Mapping
from typing import Any

from clickhouse_connect.driver.client import Client
from pydantic import JsonValue

from driftline_registry import Registry, Version
from driftline_retrain_service.job.files import RESULT, SPEC, JobResult, JobSpec
from driftline_retrain_service.runs.run import Run, run_folder

Part = dict[str, JsonValue]

_DRIFTS = """
SELECT drift_id, kind, feature, detector, statistic, threshold, direction, partition, offset, detected_event_id,
       toUnixTimestamp64Milli(detected_at) AS detected_at_ms, change_offset, change_event_id,
       toUnixTimestamp64Milli(change_at) AS change_at_ms
FROM drifts
WHERE drift_id IN {ids:Array(String)}
ORDER BY partition, offset, drift_id
"""


def lineage(registry: Registry, client: Client, model: str, version: str) -> Part:
    """Return everything that led to a version, as JSON: from the artifact back to the events.

    A version that was trained elsewhere has neither a retrain nor events.

    Raises:
        UnknownVersion: There is no such version.
        ArtifactRefused: What lies there is not what was registered.
    """
    found = registry.get(model, version)
    run = Run.read(run_folder(registry.root.resolve() / "runs", found.retrain_id)) if found.retrain_id else None
    promotions = [change for change in registry.audit(model) if change.champion == version]
    document: Part = {
        "model": model,
        "version": version,
        "is_champion": registry.aliases(model).champion == version,
        "registered_at_ms": found.registered_at_ms,
        "artifact": {"flavour": found.manifest.flavour, "sha256": found.manifest.sha256},
        "became_champion": [change.model_dump(mode="json") for change in promotions],
        "retrain_id": found.retrain_id,
    }
    if run is None:
        return document | {"training": _manifest(found)}
    return document | {
        "training": _manifest(found) | _training(run, version),
        "retrain": _retrain(run),
        "drifts": _drifts(client, run),
        "events": _events(found),
    }


def _manifest(version: Version) -> Part:
    """What the artifact says itself; the query and its bounds are told as events."""
    return version.manifest.training.model_dump(mode="json", exclude={"query", "window"})


def _training(run: Run, version: str) -> dict[str, Any]:
    """What the folder of the training says beyond that."""
    attempts = [step.attempt for step in run.state.steps if step.challenger == version and step.attempt]
    folder = run.folder / f"attempt-{attempts[0] if attempts else 0}"
    try:
        spec, result = JobSpec.read(folder / SPEC), JobResult.read(folder / RESULT)
    except (OSError, ValueError):  # it was moved away, or is of an earlier version
        return {}
    return {
        "folder": str(folder),
        "champion": spec.champion,
        "features": list(spec.features),
        "categorical": sorted(spec.categorical),
        "command": list(spec.command),
        "validation_rows": spec.validation_rows,
    } | result.model_dump(mode="json", exclude={"version", "artifact_sha256", "rows_sha256"})


def _retrain(run: Run) -> Part:
    """Why, and how it went on, step by step."""
    request = run.request.model_dump(mode="json", include={"reason", "requested", "change_point"})
    steps = [step.model_dump(mode="json", exclude_defaults=True) for step in run.state.steps]
    return {"folder": str(run.folder), **request, "steps": steps}


def _drifts(client: Client, run: Run) -> list[JsonValue]:
    """The drifts that asked for it, each with the SQL that shows its first and its last event."""
    found = client.query(_DRIFTS, parameters={"ids": run.request.drift_ids}).named_results()
    return [_with_sql(run.request.model, drift) for drift in found]


def _with_sql(model: str, drift: Mapping[str, Any]) -> Part:
    events = ", ".join(quoted(str(drift[name])) for name in ("change_event_id", "detected_event_id"))
    sql = f"SELECT * FROM predictions WHERE model = {quoted(model)} AND event_id IN ({events})"  # noqa: S608 - quoted
    return {**drift, "sql": sql}


def _events(version: Version) -> Part:
    """Which events were trained on: their bounds in the log, and SQL that shows them."""
    training = version.manifest.training
    window = dict(training.window)
    where = f"model = {quoted(version.model)} AND partition = {window.get('partition')}"
    bounds = f"position BETWEEN {window.get('first_offset')} AND {window.get('last_offset')}"
    return {
        **window,
        "sql": f"SELECT * FROM outcomes WHERE {where} AND {bounds} ORDER BY position",  # noqa: S608 - quoted
        "window_query": training.query.strip(),
    }


def quoted(text: str) -> str:
    r"""A text as a literal of ClickHouse's SQL.

    >>> print(quoted("O'Hara\\"))
    'O\'Hara\\'
    """
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
