"""An incident by its id or by how that begins."""

from driftline.output import Row
from driftline.store import Store
from driftline_schemas.errors import ConfigurationError

_SQL = """
SELECT * FROM incidents WHERE startsWith(incident_id, {incident_id:String}) ORDER BY opened_at DESC LIMIT 3
"""


def find(store: Store, incident_id: str) -> Row:
    """How the incident stands.

    Raises:
        ConfigurationError: There is none, or more than one begins like that.
    """
    rows = store.rows(_SQL, {"incident_id": incident_id}) if incident_id else []
    exact = [row for row in rows if row["incident_id"] == incident_id]
    if len(exact or rows) == 1:
        return (exact or rows)[0]
    if rows:
        ids = ", ".join(str(row["incident_id"]) for row in rows)
        raise ConfigurationError(f"{incident_id!r} begins the ids of several incidents ({ids} ...); give more of it")
    raise ConfigurationError(f"there is no incident {incident_id!r}; `driftline incidents list --all` lists them")
