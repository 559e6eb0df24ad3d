"""What the specifications of the models say about retraining."""

from clickhouse_connect.driver.client import Client

from driftline_schemas.events.model_spec import ModelSpec, RetrainSpec

_IN_FORCE = "SELECT spec FROM model_specs WHERE model = {model:String}"


def retrain_policy(client: Client, model: str) -> RetrainSpec:
    """The section `retrain` of a model's specification in force; the defaults without one."""
    found = client.query(_IN_FORCE, parameters={"model": model}).result_rows
    return ModelSpec.model_validate_json(found[0][0]).retrain if found else RetrainSpec()
