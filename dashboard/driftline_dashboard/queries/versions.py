"""The versions of a model: when each served, and what became of it."""

from datetime import datetime

from driftline_dashboard.queries.base import Answer, Moment
from driftline_dashboard.store import Store
from driftline_dashboard.windows import EPOCH, Window


class Served(Answer):
    """When a version predicted, in event time.

    Attributes:
        version: Its name.
        first_at: Its first prediction.
        last_at: Its last one.
        predictions: How many it made.
    """

    version: str
    first_at: datetime
    last_at: datetime
    predictions: int


class VersionChange(Answer):
    """What became of a version; see the record `model-change` of the contract.

    Attributes:
        model: Name of the model.
        version: The version that was promoted, refused or rolled back to.
        action: promoted, refused or rolled-back.
        previous_version: The champion before.
        retrain_id: The retrain that made the version; empty when none did.
        artifact_sha256: SHA-256 of its artifact.
        at: When.
    """

    model: str
    version: str
    action: str
    previous_version: str
    retrain_id: str
    artifact_sha256: str
    at: Moment


_SERVED = """
SELECT version, min(t.first_at) AS first_at, max(t.last_at) AS last_at, sum(t.predictions) AS predictions
FROM served_versions AS t WHERE model = {model:String} GROUP BY version ORDER BY last_at DESC LIMIT 200
"""
_CHANGES = f"""
SELECT {", ".join(VersionChange.model_fields)} FROM model_versions
WHERE {{model:String}} = '' OR model = {{model:String}} ORDER BY at DESC LIMIT {{limit:UInt32}}
"""  # noqa: S608 - of names of our own


def served(store: Store, model: str) -> list[Served]:
    """The versions of a model that predicted, the newest first; none when nothing of the model is stored."""
    return [Served.model_validate(row) for row in store.rows(_SERVED, model=model)]


def extent(versions: list[Served]) -> Window:
    """From the first prediction of these versions to just behind the last."""
    if not versions:
        return Window(EPOCH, EPOCH)
    return Window(min(v.first_at for v in versions), max(v.last_at for v in versions).replace(microsecond=999_999))


def version_changes(store: Store, model: str = "", limit: int = 200) -> list[VersionChange]:
    """Promotions, refusals and roll-backs, newest first; of all models when none is named."""
    return [VersionChange.model_validate(row) for row in store.rows(_CHANGES, model=model, limit=limit)]
