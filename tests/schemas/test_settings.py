"""Settings come from the environment; a wrong one is named before anything is read."""

import pytest

from driftline_schemas import ConfigurationError
from driftline_schemas.settings import VARIABLES, ClickHouseAddress, Settings

ANY_TEXT = (
    "DRIFTLINE_ALERTING",
    "DRIFTLINE_REGISTRY",
    "DRIFTLINE_WORKER_HOST",
    "DRIFTLINE_DASHBOARD_HOST",
    "DRIFTLINE_DASHBOARD_TOKENS",
    "DRIFTLINE_NOTIFY_HOST",
    "DRIFTLINE_RETRAIN_HOST",
    "DRIFTLINE_RETRAIN_TRAINER",
    "DRIFTLINE_RETRAIN_COMMAND",
)
"""Any text is a file, a folder, a host, a command, or the name of a trainer that somebody may install."""


def test_defaults_are_valid() -> None:
    settings = Settings.from_environment({})
    assert settings.topics.events.name == "driftline.events"
    assert settings.retrain.trainer == "logistic-regression"


def test_every_variable_is_read() -> None:
    for name in VARIABLES:
        if name in ANY_TEXT:
            continue
        with pytest.raises(ConfigurationError, match=name):
            Settings.from_environment({name: "***"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DRIFTLINE_KAFKA", "broker"),
        ("DRIFTLINE_KAFKA", "broker:0"),
        ("DRIFTLINE_DASHBOARD_WORKERS", "worker"),
        ("DRIFTLINE_PARTITIONS", "0"),
        ("DRIFTLINE_RETRAIN_COOLDOWN_SECONDS", "nan"),
        ("DRIFTLINE_TOPIC_PREFIX", "two words"),
        ("DRIFTLINE_REGISTRY", "s3://bucket"),
        ("DRIFTLINE_RETRAIN_COMMAND", "train 'unclosed"),
    ],
)
def test_an_error_names_variable_value_and_remedy(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}: {value!r} is not valid; expected"):
        Settings.from_environment({name: value})


def test_a_command_is_read_as_in_a_shell() -> None:
    settings = Settings.from_environment({"DRIFTLINE_RETRAIN_COMMAND": "train 'my model.R' --fast"})
    assert settings.retrain.command == ("train", "my model.R", "--fast")


def test_a_password_is_never_shown() -> None:
    settings = Settings.from_environment({"DRIFTLINE_CLICKHOUSE": "http://ana:s3cret@db/driftline"})
    assert settings.clickhouse.password == "s3cret"
    assert "s3cret" not in repr(settings)
    with pytest.raises(ConfigurationError) as raised:
        Settings.from_environment({"DRIFTLINE_CLICKHOUSE": "tcp://ana:s3cret@db/driftline"})
    assert "s3cret" not in str(raised.value)


def test_the_key_of_snapshots_is_never_shown() -> None:
    settings = Settings.from_environment({"DRIFTLINE_SNAPSHOT_KEY": "a long enough secret"})
    assert settings.snapshot_key == "a long enough secret"
    assert "secret" not in repr(settings)


def test_an_address_may_be_written_with_escapes() -> None:
    address = ClickHouseAddress.parse("https://a%40b:p%2Fw@db:9440/driftline")
    assert (address.username, address.password, address.port, address.secure) == ("a@b", "p/w", 9440, True)
