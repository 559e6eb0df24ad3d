"""A specification as people write it, and what is wrong with it, by line."""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from driftline_schemas import ModelSpec
from driftline_schemas.errors import ConfigurationError

MAX_FILE_BYTES = 1024 * 1024


class _Loader(yaml.SafeLoader):
    """YAML whose only booleans are `true` and `false`, as of version 1.2: `on` is a field of `retrain`."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, words) for tag, words in found if tag != "tag:yaml.org,2002:bool"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)

Place = tuple[str | int, ...]
"""Names and indices that lead to a value."""


def read(path: Path, now_ms: int) -> ModelSpec:
    """The specification in a file; `timestamp_ms` is `now_ms` where the file does not say.

    Raises:
        ConfigurationError: The file cannot be read or is no specification: what is wrong, in which line, what is valid.
    """
    try:
        data = path.read_bytes()
        if len(data) > MAX_FILE_BYTES:
            raise ConfigurationError(f"{path} has {len(data)} bytes; a specification has at most {MAX_FILE_BYTES}")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(data, Loader=_Loader)):
            raise ConfigurationError(f"{path} has an alias (*name); write the value out")
        node = yaml.compose(data, Loader=_Loader)
        document = yaml.load(data, Loader=_Loader)  # noqa: S506 - a safe loader
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    if node is None or not isinstance(document, dict):
        raise ConfigurationError(f"{path} is no specification: it must begin with `model: NAME`")
    faults = list(_faults(document, now_ms))
    if faults:
        told = "; ".join(f"line {_line(node, place)}: {'.'.join(map(str, place))}: {text}" for place, text in faults)
        raise ConfigurationError(f"{path}: {told}")
    return ModelSpec.model_validate({"timestamp_ms": now_ms, **document})


def text(spec: ModelSpec) -> str:
    """A specification as YAML, with what it leaves to the defaults."""
    dumped: str = yaml.safe_dump(spec.model_dump(exclude={"timestamp_ms"}), sort_keys=False, allow_unicode=True)
    return dumped


def difference(before: ModelSpec, after: ModelSpec) -> str:
    """What changes from one specification to another, as a unified diff; empty where nothing does."""
    old, new = (text(spec).splitlines(keepends=True) for spec in (before, after))
    return "".join(difflib.unified_diff(old, new, "in force", "file", n=2))


def _faults(document: dict[Any, Any], now_ms: int) -> Iterator[tuple[Place, str]]:
    yield from _unknown(ModelSpec, document, ())
    try:
        ModelSpec.model_validate({"timestamp_ms": now_ms, **{str(key): value for key, value in document.items()}})
    except ValidationError as error:
        for each in error.errors(include_url=False, include_context=False):
            shown = f", and is {str(each['input'])[:60]!r}" if each["type"] != "missing" else ""
            yield each["loc"], each["msg"].removeprefix("Value error, ") + shown


def _unknown(model: type[BaseModel], document: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Fields that there are none of: the wire ignores them, but in a file they are misspelt."""
    if not isinstance(document, dict):
        return
    for name, value in document.items():
        if name not in model.model_fields:
            yield (*place, str(name)), f"there is no such field; there are {', '.join(model.model_fields)}"
            continue
        of_dictionary = [each for each in get_args(model.model_fields[name].annotation) if _is_model(each)]
        annotation = model.model_fields[name].annotation
        if _is_model(annotation):
            yield from _unknown(annotation, value, (*place, name))  # type: ignore[arg-type]
        elif of_dictionary and isinstance(value, dict):
            for key, each in value.items():
                yield from _unknown(of_dictionary[0], each, (*place, name, str(key)))


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _line(node: yaml.Node, place: Place) -> int:
    """The line, from 1, of the last part of a place that the file has."""
    line = int(node.start_mark.line)
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
