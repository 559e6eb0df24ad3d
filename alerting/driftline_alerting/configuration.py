"""The alerting file: what becomes an incident, which channels there are, and what goes where."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from driftline_alerting.channels import SETTINGS, ChannelSettings
from driftline_alerting.channels.interface import web_address
from driftline_alerting.incidents.policy import IncidentPolicy
from driftline_alerting.routes import Route
from driftline_schemas.yaml_file import Fault, Place, YamlFile, faults

_SECTIONS = ("dashboard", "incidents", "channels", "routes")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_VARIABLE = re.compile(r"\$\{(\w*)\}?")
_KAFKA = "kafka"


@dataclass(frozen=True)
class Configuration:
    """What the alerting file says.

    Attributes:
        dashboard: Address of the dashboard that links in messages lead to; empty where there is none.
        incidents: When incidents join, are told, escalate and end.
        channels: By name.
        routes: Every one that matches counts, so their order means nothing.
    """

    dashboard: str = ""
    incidents: IncidentPolicy = field(default_factory=IncidentPolicy)
    channels: Mapping[str, ChannelSettings] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()

    @classmethod
    def read(cls, path: Path, environment: Mapping[str, str]) -> "Configuration":
        """Read a file.

        Args:
            path: The file.
            environment: What `${NAME}` in the settings of channels stands for.

        Raises:
            ConfigurationError: What is wrong, in which line, and what is valid; no secret is shown.
        """
        file = YamlFile.read(path, what="alerting file", beginning="channels:")
        file.refuse(_faults(file.document, environment))
        return cls(
            dashboard=file.document.get("dashboard") or "",
            incidents=TypeAdapter(IncidentPolicy).validate_python(file.document.get("incidents") or {}),
            channels={
                name: TypeAdapter(SETTINGS[channel["type"]]).validate_python(_settings(channel, environment))
                for name, channel in (file.document.get("channels") or {}).items()
            },
            routes=tuple(TypeAdapter(Route).validate_python(each) for each in file.document.get("routes") or ()),
        )


def _settings(channel: Mapping[Any, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """What a channel says beside its type, with the values of variables."""
    return {str(name): _filled(value, environment) for name, value in channel.items() if name != "type"}


def _faults(document: Mapping[Any, Any], environment: Mapping[str, str]) -> Iterator[Fault]:
    for name in document:
        if name not in _SECTIONS:
            yield (str(name),), f"there is no such section; there are {', '.join(_SECTIONS)}"
    yield from _dashboard_faults(document.get("dashboard") or "")
    yield from faults(IncidentPolicy, document.get("incidents") or {}, ("incidents",))
    channels, routes = document.get("channels") or {}, document.get("routes") or []
    if not isinstance(channels, dict):
        yield ("channels",), "expected a mapping of names to channels"
        return
    if not isinstance(routes, list):
        yield ("routes",), "expected a list"
        return
    for name, channel in channels.items():
        yield from _channel_faults(name, channel, environment)
    for number, route in enumerate(routes):
        yield from _route_faults(route, ("routes", number), list(channels))


def _dashboard_faults(dashboard: object) -> Iterator[Fault]:
    try:
        if dashboard:
            web_address(str(dashboard))
    except ValueError as error:
        yield ("dashboard",), str(error)


def _channel_faults(name: object, channel: Any, environment: Mapping[str, str]) -> Iterator[Fault]:
    place: Place = ("channels", str(name))
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        yield place, "a name has up to 64 lower-case letters, digits, '.', '_' and '-', a letter or digit first"
    if not isinstance(channel, dict):
        yield place, f"expected a mapping with `type`: {', '.join(SETTINGS)}"
    elif channel.get("type") == _KAFKA:
        yield (*place, "type"), "Kafka needs no channel: every step is on the topic `incidents` in any case"
    elif not isinstance(channel.get("type"), str) or channel["type"] not in SETTINGS:
        yield (*place, "type"), f"there is no such type of channels; there are {', '.join(SETTINGS)}"
    elif missing := list(_missing_variables(channel, environment, place)):
        yield from missing
    else:
        yield from faults(SETTINGS[channel["type"]], _settings(channel, environment), place, written=channel)


def _route_faults(route: Any, place: Place, channels: list[str]) -> Iterator[Fault]:
    found = list(faults(Route, route, place))
    yield from found
    if found:
        return
    for number, name in enumerate(route["channels"]):
        if name not in channels:
            named = ", ".join(map(str, channels)) or "none"
            yield (*place, "channels", number), f"there is no channel {name[:80]!r}; there are: {named}"


def _missing_variables(value: Any, environment: Mapping[str, str], place: Place) -> Iterator[Fault]:
    if isinstance(value, str):
        for found in _VARIABLE.finditer(value):
            if not found[0].endswith("}") or not found[1]:
                yield place, "expected ${NAME}, the name of a variable of the environment"
            elif not environment.get(found[1]):
                yield place, f"the environment has no variable {found[1]}: set it"
    for key, each in _parts(value):
        yield from _missing_variables(each, environment, (*place, key))


def _filled(value: Any, environment: Mapping[str, str]) -> Any:
    """The same with the variables' values in place of `${NAME}`; they are texts, whatever they look like."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: environment[found[1]], value)
    if isinstance(value, dict):
        return {key: _filled(each, environment) for key, each in value.items()}
    return [_filled(each, environment) for each in value] if isinstance(value, list) else value


def _parts(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, dict):
        yield from ((str(key), each) for key, each in value.items())
    elif isinstance(value, list):
        yield from enumerate(value)
