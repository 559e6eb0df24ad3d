"""Steps of incidents as rows of `incident_log`, there and back."""

from collections.abc import Mapping, Sequence
from typing import Any

from driftline_alerting.incidents.case import Case, Memory
from driftline_schemas.events.incident import Incident

_TIMES = {"since_ms": "since", "opened_ms": "opened_at", "timestamp_ms": "at"}
_OWN = ("sequence", "cause_id", "memory")

_COLUMNS = ", ".join(
    [f"toUnixTimestamp64Milli({_TIMES[name]}) AS {name}" if name in _TIMES else name for name in Incident.model_fields]
    + list(_OWN)
)


def select(which: str) -> str:
    """The query of steps for `case_of`; `which` is its end."""
    return f"SELECT {_COLUMNS} FROM incident_log FINAL {which}"  # noqa: S608 - nothing of a stranger is in it


def columns_of(cases: Sequence[Case]) -> dict[str, list[Any]]:
    """The columns that steps are stored as."""
    of_incidents = {
        _TIMES.get(name, name): [getattr(case.incident, name) for case in cases] for name in Incident.model_fields
    }
    return of_incidents | {
        "sequence": [case.sequence for case in cases],
        "cause_id": [case.cause_id for case in cases],
        "memory": [case.memory.model_dump_json(exclude_defaults=True) for case in cases],
    }


def case_of(row: Mapping[str, Any]) -> Case:
    """The step that a row means."""
    return Case(
        incident=Incident.model_validate({name: row[name] for name in Incident.model_fields}),
        sequence=row["sequence"],
        cause_id=row["cause_id"],
        memory=Memory.model_validate_json(row["memory"]),
    )
