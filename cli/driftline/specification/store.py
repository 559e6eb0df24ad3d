"""Specifications in the log, and the one in force."""

import time

from driftline import store
from driftline_schemas import ModelSpec, log_writer
from driftline_schemas.settings import ClickHouseAddress, Settings

_IN_FORCE = "SELECT spec FROM model_specs WHERE model = {model:String}"


def in_force(address: ClickHouseAddress, model: str) -> ModelSpec | None:
    """The specification of a model that workers have stored; None without one."""
    rows = store.rows(address, _IN_FORCE, {"model": model})
    return ModelSpec.model_validate_json(str(rows[0]["spec"])) if rows else None


def append(settings: Settings, spec: ModelSpec) -> tuple[int, int]:
    """Append a specification to its model's log; return its partition and offset, from where on it holds.

    Raises:
        Unavailable: Kafka does not answer or does not take it.
    """
    return log_writer.append(settings, settings.topics.events, spec.model, spec)


def now_ms() -> int:
    """When a specification is written."""
    return int(time.time() * 1000)
