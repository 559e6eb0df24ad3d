"""Model names come from strangers; folder names must be safe."""

from urllib.parse import quote, unquote

from driftline_registry.errors import InvalidName

_MAX_FOLDER_NAME_BYTES = 200  # file systems end at 255; temporary names need some room


def folder_name(model: str) -> str:
    """Return a folder name for a model: one path component, reversible, never `.` or `..`.

    Raises:
        InvalidName: the name is empty or, escaped, longer than 200 bytes.

    >>> folder_name("fraud-v2"), folder_name("../etc/passwd")
    ('fraud-v2', '%2E%2E%2Fetc%2Fpasswd')
    """
    try:
        name = quote(model, safe="").replace(".", "%2E")
    except UnicodeEncodeError as error:
        raise InvalidName(f"model name {model!r} is not valid Unicode; rename the model") from error
    if not 0 < len(name) <= _MAX_FOLDER_NAME_BYTES:
        raise InvalidName(
            f"model name {model[:40]!r} takes {len(name)} bytes when escaped; "
            f"valid are 1 to {_MAX_FOLDER_NAME_BYTES}; rename the model"
        )
    return name


def model_name(folder: str) -> str:
    """Return the model whose `folder_name` this is.

    >>> model_name("%2E%2E%2Fetc")
    '../etc'
    """
    return unquote(folder)
