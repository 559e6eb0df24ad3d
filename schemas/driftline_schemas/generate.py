"""Write the contract's documents into a folder: `python -m driftline_schemas.generate docs/contract`."""

import sys
from pathlib import Path

import orjson

from driftline_schemas.documents import asyncapi, json_schemas


def documents() -> dict[str, bytes]:
    """File names and their contents."""
    files = {f"{name}.schema.json": schema for name, schema in json_schemas().items()}
    files["asyncapi.json"] = asyncapi()
    return {name: orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n" for name, document in files.items()}


def main() -> None:
    """Write every document."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in documents().items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
