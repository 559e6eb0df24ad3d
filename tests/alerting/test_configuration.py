"""The alerting file: what it means, what is wrong with it by line, and that no secret is shown."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from driftline_alerting.channels.alertmanager import AlertmanagerSettings
from driftline_alerting.channels.interface import Retries
from driftline_alerting.channels.webhook import WebhookSettings
from driftline_alerting.configuration import Configuration
from driftline_alerting.incidents.policy import IncidentPolicy
from driftline_alerting.routes import Route
from driftline_schemas.errors import ConfigurationError

FILE = """
dashboard: https://driftline.example.com
incidents: {cooldown_minutes: 5}
channels:
  pager:
    type: webhook
    url: https://hooks.example.com/T0/${TOKEN}
    secret: ${SECRET}
    timeout_seconds: 3
    retry: {attempts: 4}
  prometheus: {type: alertmanager, url: "http://127.0.0.1:9093"}
  chat: {type: apprise, url: "json://ana:${TOKEN}@127.0.0.1/"}
routes:
  - {model: "fraud-*", severity: warning, kinds: [concept-drift], team: risk, channels: [pager, chat]}
  - {escalated: true, channels: [pager]}
"""
ENVIRONMENT = {"TOKEN": "t0k3n-of-mine", "SECRET": "sixteen characters of it"}


def read(folder: Path, text: str) -> Configuration:
    path = folder / "alerting.yaml"
    path.write_text(text)
    return Configuration.read(path, ENVIRONMENT)


def test_a_file_is_read_and_its_secrets_come_from_the_environment(tmp_path: Path) -> None:
    found = read(tmp_path, FILE)
    pager = found.channels["pager"]
    assert isinstance(pager, WebhookSettings)
    assert (pager.url, pager.secret) == ("https://hooks.example.com/T0/t0k3n-of-mine", "sixteen characters of it")
    assert (pager.timeout_seconds, pager.retry) == (3, Retries(attempts=4))
    assert isinstance(found.channels["prometheus"], AlertmanagerSettings)
    assert found.routes == (
        Route(model="fraud-*", severity="warning", kinds=("concept-drift",), team="risk", channels=("pager", "chat")),
        Route(escalated=True, channels=("pager",)),
    )
    assert found.incidents == IncidentPolicy(cooldown_minutes=5)
    assert found.dashboard == "https://driftline.example.com"
    assert not any(secret in repr(found) for secret in ENVIRONMENT.values())


def test_the_example_of_the_documentation_is_valid(tmp_path: Path) -> None:
    documentation = Path(__file__).parents[2] / "docs" / "delivery.md"
    path = tmp_path / "alerting.yaml"
    path.write_text(re.findall(r"```yaml\n(.*?)```", documentation.read_text(), re.DOTALL)[0])
    variables = {"PAGER_SECRET": "x" * 16, "SLACK_TOKENS": f"T{'A' * 8}/B{'B' * 8}/{'c' * 24}", "MAIL_PASSWORD": "p"}
    found = Configuration.read(path, variables)
    assert (set(found.channels), len(found.routes)) == ({"pager", "prometheus", "chat", "mail"}, 4)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("chanels: {}", "line 1: chanels: there is no such section; there are dashboard, incidents, "),
        ("incidents: {cooldown_minutes: -1}", r"line 1: incidents\.cooldown_minutes: .* 0, and is '-1'"),
        ("incidents: {cooldown: 5}", r"line 1: incidents\.cooldown: there is no such field; there are change_tol"),
        ("dashboard: ftp://x", "line 1: dashboard: expected http://host or https://host"),
        ("channels: [a]", "line 1: channels: expected a mapping"),
        ("channels:\n  Pager: {type: webhook, url: http://a}", "line 2: channels.Pager: a name has up to 64 lower"),
        ("channels:\n  a: {type: pigeon}", "line 2: channels.a.type: .*there are webhook, alertmanager, apprise"),
        ("channels:\n  a: {type: kafka}", "Kafka needs no channel"),
        (
            "channels:\n  a:\n    type: webhook\n    uri: x",
            "line 4: channels.a.uri: .*there are timeout_seconds",
        ),
        ("channels:\n  a: {type: webhook}", "line 2: channels.a.url: Field required"),
        ("channels:\n  a:\n    type: webhook\n    url: ftp://hush:hush@b/hush", r"line 4: channels.a.url: .*not shown"),
        ("channels:\n  a:\n    type: apprise\n    url: nope://hush", r"line 4: channels.a.url: Apprise knows no such"),
        ("channels:\n  a:\n    type: webhook\n    url: http://b\n    secret: hush", "line 5: channels.a.secret: .*16"),
        ("channels:\n  a:\n    type: webhook\n    url: http://${NONE}/", "line 4: channels.a.url: .*no variable NONE"),
        (
            "channels:\n  a:\n    type: webhook\n    url: http://${TOKEN/",
            r"line 4: channels.a.url: expected \$\{NAME\}",
        ),
        ("channels: {a: {type: webhook, url: http://b, retry: {attempts: 0}}}", "a.retry.attempts: .*and is '0'"),
        ("routes:\n- {channels: [b]}", "line 2: routes.0.channels.0: there is no channel 'b'; there are: none"),
        ("routes:\n- {channels: []}", "line 2: routes.0.channels: .*at least 1"),
        ("routes:\n- {severity: bad, channels: [b]}", "line 2: routes.0.severity: .*'info', 'warning' or 'critical'"),
        ("routes:\n- {modell: x, channels: [b]}", "line 2: routes.0.modell: .*there are model, severity"),
        ("- 1", "is no alerting file"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, wrong: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read(tmp_path, wrong)
    assert re.search(told, str(raised.value)), raised.value
    assert "hush" not in str(raised.value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["${TOKEN}", "http://${TOKEN}"]),
    lambda each: (
        st.lists(each, max_size=3)
        | st.dictionaries(
            st.sampled_from(["channels", "routes", "a", "type", "url", "secret", "retry", "webhook", "alertmanager"]),
            each | st.just("webhook"),
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(VALUES | st.dictionaries(st.sampled_from(["dashboard", "channels", "routes"]), VALUES))
def test_no_file_makes_it_fail_otherwise_or_shows_a_secret(
    tmp_path_factory: pytest.TempPathFactory, document: object
) -> None:
    try:
        found = read(tmp_path_factory.getbasetemp(), yaml.safe_dump(document, allow_unicode=True))
    except ConfigurationError as error:
        assert ENVIRONMENT["TOKEN"] not in str(error)
    else:
        assert ENVIRONMENT["TOKEN"] not in repr(found.channels)
