"""A specification as people write it."""

import difflib
from pathlib import Path

import yaml

from driftline_schemas import ModelSpec
from driftline_schemas.yaml_file import YamlFile, faults


def read(path: Path, now_ms: int) -> ModelSpec:
    """The specification in a file; `timestamp_ms` is `now_ms` where the file does not say.

    Raises:
        ConfigurationError: The file cannot be read or is no specification: what is wrong, in which line, what is valid.
    """
    file = YamlFile.read(path, what="specification", beginning="model: NAME")
    document = {"timestamp_ms": now_ms, **{str(key): value for key, value in file.document.items()}}
    file.refuse(faults(ModelSpec, document))
    return ModelSpec.model_validate(document)


def text(spec: ModelSpec) -> str:
    """A specification as YAML, with what it leaves to the defaults."""
    dumped: str = yaml.safe_dump(spec.model_dump(exclude={"timestamp_ms"}), sort_keys=False, allow_unicode=True)
    return dumped


def difference(before: ModelSpec, after: ModelSpec) -> str:
    """What changes from one specification to another, as a unified diff; empty where nothing does."""
    old, new = (text(spec).splitlines(keepends=True) for spec in (before, after))
    return "".join(difflib.unified_diff(old, new, "in force", "file", n=2))
