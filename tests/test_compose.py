"""What can be known about the container files without a container engine."""

import fnmatch
import importlib.metadata
import re
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import typer.main
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema  # type: ignore[import-untyped]

from driftline.main import app
from driftline.stack.jars import KAFKA_VERSION
from driftline_schemas.settings import VARIABLES, Settings

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
OPERATOR = {"CLICKHOUSE_PASSWORD": "p-word", "CLICKHOUSE_ANALYST_PASSWORD": "another"}
PINNED = re.compile(r"[\w./-]+:\d+(\.\d+)+(-[\w.-]+)?")
VARIABLE = re.compile(r"\$\{(\w+)(?::(?P<mark>[-?])(?P<rest>[^}]*))?\}")


def interpolated(value: object, environment: dict[str, str]) -> str:
    """The value as compose gives it to a container: `${NAME}`, `${NAME:-default}`, `${NAME:?message}`."""

    def replacement(match: re.Match[str]) -> str:
        if match[1] in environment or match["mark"] != "-":
            return environment[match[1]]
        return match["rest"]

    return VARIABLE.sub(replacement, str(value))


def environment(service: dict[str, Any]) -> dict[str, str]:
    return {name: interpolated(value, OPERATOR) for name, value in service["environment"].items()}


def copied() -> list[str]:
    """What the Dockerfile copies from the project."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def test_the_file_is_what_the_compose_specification_asks_for() -> None:
    schema = get_builtin_schema("vendor.compose-spec")
    validator = jsonschema.Draft202012Validator(schema)
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []
    assert not validator.is_valid({"services": {"worker": {"comand": "worker"}}})


def test_our_services_are_there() -> None:
    assert set(OURS) == {"setup", "worker", "retrain", "notify", "dashboard"}


@pytest.mark.parametrize("name", OURS)
def test_every_variable_of_ours_is_read_and_has_a_good_value(name: str) -> None:
    given = environment(OURS[name])
    assert set(given) <= set(VARIABLES)
    settings = Settings.from_environment(given)
    assert settings.clickhouse.host in SERVICES
    server = environment(SERVICES[settings.clickhouse.host])
    assert settings.clickhouse.username == server["CLICKHOUSE_USER"]
    assert settings.clickhouse.password == server["CLICKHOUSE_PASSWORD"]
    assert f"//{settings.kafka}," in environment(SERVICES["kafka"])["KAFKA_ADVERTISED_LISTENERS"]
    assert f"registry:{settings.registry}" in OURS[name]["volumes"]


def test_the_health_checks_ask_the_ports_that_the_services_open() -> None:
    settings = Settings.from_environment(environment(OURS["worker"]))
    listening = {
        "worker": settings.worker_port,
        "retrain": settings.retrain.port,
        "notify": settings.notify_port,
        "dashboard": settings.dashboard.port,
    }
    for name, port in listening.items():
        assert f"http://127.0.0.1:{port}/healthz" in OURS[name]["healthcheck"]["test"][-1]


@pytest.mark.parametrize("name", OURS)
def test_every_command_of_a_service_is_one_of_ours(name: str) -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert OURS[name]["command"][0] in commands
    assert 'ENTRYPOINT ["driftline"]' in DOCKERFILE


def test_everything_waits_for_what_it_needs() -> None:
    for name, service in OURS.items():
        waits = {other: wait["condition"] for other, wait in service["depends_on"].items()}
        if name != "setup":
            assert waits.pop("setup") == "service_completed_successfully"
        assert waits == {"kafka": "service_healthy", "clickhouse": "service_healthy"}
    assert all("healthcheck" in SERVICES[name] for name in ("kafka", "clickhouse", "worker", "dashboard"))


def test_every_image_is_pinned_and_the_same_version_as_the_embedded_stack() -> None:
    images = [service["image"] for service in SERVICES.values()]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert [image for image in images if not PINNED.fullmatch(image)] == []
    assert SERVICES["kafka"]["image"].endswith(f":{KAFKA_VERSION}")
    server = SERVICES["clickhouse"]["image"].rpartition(":")[2]
    assert importlib.metadata.version("chdb-core").startswith(f"{server}.")


def test_ports_are_open_on_loopback_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_no_secret_is_in_the_file_and_none_is_assumed() -> None:
    uses = [match for match in VARIABLE.finditer(TEXT) if "PASSWORD" in match[1]]
    assert uses
    assert {match["mark"] for match in uses} == {"?"}


def test_every_volume_is_declared_and_used_and_every_file_is_there() -> None:
    mounted = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    files = {source for source in mounted if source.startswith("./")}
    assert mounted - files == set(COMPOSE["volumes"])
    assert [source for source in files if not (ROOT / source).is_file()] == []


def test_the_analyst_reads_the_tables_and_nothing_else() -> None:
    server = SERVICES["clickhouse"]
    assert "./clickhouse/analyst.xml:/etc/clickhouse-server/users.d/analyst.xml:ro" in server["volumes"]
    tree = ET.parse(ROOT / "clickhouse" / "analyst.xml")
    (user,) = tree.findall("users/*")
    password = user.find("password")
    assert password is not None
    assert password.attrib["from_env"] in server["environment"]
    database = Settings.from_environment(environment(OURS["worker"])).clickhouse.database
    assert [query.text for query in user.findall("grants/query")] == [f"GRANT SELECT ON {database}.*"]
    assert tree.findtext(f"profiles/{user.findtext('profile')}/readonly") == "1"


def test_the_image_is_made_of_every_room_and_runs_without_root() -> None:
    workspace = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["uv"]["workspace"]
    assert set(copied()) == {"pyproject.toml", "requirements.lock", *workspace["members"]}
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)[-1] not in {"root", "0"}


def test_what_is_copied_exists_and_reaches_the_build() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    kept = [line[1:] for line in lines if line.startswith("!")]
    for source in copied():
        assert (ROOT / source).exists(), source
        assert any(fnmatch.fnmatch(source, pattern) for pattern in kept), source
