"""YAML files that people write, and what is wrong with them, by line."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Self, get_args, get_type_hints

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from driftline_schemas.errors import ConfigurationError

MAX_FILE_BYTES = 1024 * 1024

Place = tuple[str | int, ...]
"""Names and indices that lead to a value."""

Fault = tuple[Place, str]
"""Where something is wrong, and what would be right."""


class _Loader(yaml.SafeLoader):
    """YAML whose only booleans are `true` and `false`, as of version 1.2: `on` is a field of `retrain`."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, words) for tag, words in found if tag != "tag:yaml.org,2002:bool"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


@dataclass(frozen=True)
class YamlFile:
    """A file that holds one mapping.

    Attributes:
        path: The file.
        document: What it says.
    """

    path: Path
    document: dict[Any, Any]
    _node: yaml.Node

    @classmethod
    def read(cls, path: Path, what: str, beginning: str) -> Self:
        """Read a file.

        Args:
            path: The file.
            what: What it should be, as in "is no specification".
            beginning: What it must have at least, as in "model: NAME".

        Raises:
            ConfigurationError: It cannot be read, or is no YAML without aliases, or no mapping.
        """
        try:
            data = path.read_bytes()
            if len(data) > MAX_FILE_BYTES:
                raise ConfigurationError(f"{path} has {len(data)} bytes; a {what} has at most {MAX_FILE_BYTES}")
            if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(data, Loader=_Loader)):
                raise ConfigurationError(f"{path} has an alias (*name); write the value out")
            node = yaml.compose(data, Loader=_Loader)
            document = yaml.load(data, Loader=_Loader)  # noqa: S506 - a safe loader
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise ConfigurationError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
        if node is None or not isinstance(document, dict):
            raise ConfigurationError(f"{path} is no {what}: it must begin with `{beginning}`")
        return cls(path, document, node)

    def refuse(self, faults: Iterable[Fault]) -> None:
        """Raise a `ConfigurationError` that tells each fault with its line, if there is any."""
        told = [f"line {self._line(place)}: {'.'.join(map(str, place))}: {text}" for place, text in faults]
        if told:
            raise ConfigurationError(f"{self.path}: {'; '.join(told)}")

    def _line(self, place: Place) -> int:
        """The line, from 1, of the last part of a place that the file has."""
        node, line = self._node, int(self._node.start_mark.line)
        for part in place:
            if isinstance(node, yaml.MappingNode):
                found = [(key, value) for key, value in node.value if key.value == str(part)]
                if not found:
                    break
                key, node = found[0]
                line = int(key.start_mark.line)
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                line = int(node.start_mark.line)
        return line + 1


def faults(cls: type[Any], document: Any, place: Place = (), written: Any = None) -> Iterator[Fault]:
    """What keeps a document from being a `cls`, a pydantic model or a dataclass; also fields that there are none of.

    Values of a dataclass's fields that are not in its repr are secrets, and not shown.

    Args:
        cls: What it should be.
        document: Parsed YAML.
        place: Where in the file it lies.
        written: The document as the file has it, where that is another; its values are shown.
    """
    yield from _unknown(cls, document, place)
    try:
        TypeAdapter(cls).validate_python(document)
    except ValidationError as error:
        secret = {each.name for each in fields(cls) if not each.repr} if is_dataclass(cls) else set()
        for each in error.errors(include_url=False, include_context=False):
            value = each["input"] if written is None else _at(written, each["loc"])
            found = "the value (not shown)" if secret & {*each["loc"][:1]} else repr(str(value)[:60])
            shown = f", and is {found}" if each["type"] != "missing" else ""
            yield (*place, *each["loc"]), each["msg"].removeprefix("Value error, ") + shown


def _at(document: Any, place: Place) -> Any:
    """The value at a place, or the innermost around it that there is."""
    for part in place:
        try:
            document = document[part]
        except (LookupError, TypeError):
            break
    return document


def _unknown(cls: Any, document: Any, place: Place) -> Iterator[Fault]:
    """Fields that there are none of: pydantic ignores them, but in a file they are misspelt."""
    known = _fields(cls)
    if known is None or not isinstance(document, dict):
        return
    for name, value in document.items():
        if name not in known:
            yield (*place, str(name)), f"there is no such field; there are {', '.join(known)}"
            continue
        yield from _unknown(known[name], value, (*place, name))
        of_mapping = [each for each in get_args(known[name]) if _fields(each) is not None]
        if of_mapping and isinstance(value, dict):
            for key, each in value.items():
                yield from _unknown(of_mapping[0], each, (*place, name, str(key)))


def _fields(cls: Any) -> Mapping[str, Any] | None:
    """The fields of a pydantic model or a dataclass with their types; None of anything else."""
    if isinstance(cls, type) and issubclass(cls, BaseModel):
        return {name: field.annotation for name, field in cls.model_fields.items()}
    if isinstance(cls, type) and is_dataclass(cls):
        hints = get_type_hints(cls, include_extras=True)
        return {each.name: hints[each.name] for each in fields(cls) if each.init}
    return None
