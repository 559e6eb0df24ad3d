"""What the specifications of the models say about retraining."""

from typing import NamedTuple

from clickhouse_connect.driver.client import Client

from driftline_schemas.events.model_spec import ModelSpec, RetrainSpec

_IN_FORCE = "SELECT spec FROM model_specs WHERE model = {model:String}"
_TRIGGERING = """
SELECT model, spec, partition, offset, toUnixTimestamp64Milli(logged_at)
FROM model_specs
WHERE JSONHas(spec, 'retrain', 'schedule_hours') OR JSONHas(spec, 'retrain', 'new_rows')
"""


class Specified(NamedTuple):
    """A model whose specification says when a retrain begins by itself.

    Attributes:
        name: Of the model.
        policy: The section `retrain`.
        partition: Partition of the model's log.
        offset: Where the specification lies.
        logged_at_ms: The broker's time of it.
    """

    name: str
    policy: RetrainSpec
    partition: int
    offset: int
    logged_at_ms: int


def retrain_policy(client: Client, model: str) -> RetrainSpec:
    """The section `retrain` of a model's specification in force; the defaults without one."""
    found = client.query(_IN_FORCE, parameters={"model": model}).result_rows
    return ModelSpec.model_validate_json(found[0][0]).retrain if found else RetrainSpec()


def specified(client: Client) -> list[Specified]:
    """The models whose specification in force has a schedule or a number of new rows."""
    return [
        Specified(name, ModelSpec.model_validate_json(spec).retrain, partition, offset, logged_at_ms)
        for name, spec, partition, offset, logged_at_ms in client.query(_TRIGGERING).result_rows
    ]
