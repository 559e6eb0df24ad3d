"""The tokens file: who there is, and what each may do."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from driftline_schemas.errors import ConfigurationError

Role = Literal["viewer", "operator", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""What each may do includes what those before it may: look; act on incidents and retrains; change what serves."""

MAX_FILE_BYTES = 1024 * 1024
_FORM = "a list of `{name: ..., role: viewer|operator|admin, sha256: ...}`; `driftline dashboard --new-token` makes one"


class Account(BaseModel):
    """A person or program that has a token.

    Attributes:
        name: Stands in every record of what it does.
        role: What it may do.
        sha256: SHA-256 of its token, in hexadecimal.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=256)
    role: Role
    sha256: str = Field(pattern="^[0-9a-f]{64}$", repr=False)


@dataclass(frozen=True)
class Accounts:
    """Everybody who has a token; nobody when there is no file."""

    known: Sequence[Account] = ()

    def find(self, token: str) -> Account | None:
        """Whose token it is. Takes as long for a wrong one as for the right one."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
        found = None
        for account in self.known:
            if hmac.compare_digest(account.sha256, digest):
                found = account
        return found


def read_accounts(path: str) -> Accounts:
    """The accounts in a tokens file; none when no file is named.

    Raises:
        ConfigurationError: It cannot be read, or an entry is wrong.
    """
    if not path:
        return Accounts()
    try:
        data = Path(path).read_bytes()[: MAX_FILE_BYTES + 1]
        if len(data) > MAX_FILE_BYTES:
            raise ConfigurationError(f"DRIFTLINE_DASHBOARD_TOKENS: {path} is longer than {MAX_FILE_BYTES} bytes")
        accounts = TypeAdapter(list[Account]).validate_python(yaml.safe_load(data))
    except OSError as error:
        raise ConfigurationError(f"DRIFTLINE_DASHBOARD_TOKENS: {path} cannot be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise ConfigurationError(f"DRIFTLINE_DASHBOARD_TOKENS: {path} is not YAML: {_flat(error)}") from None
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"])) or "the file"
        raise ConfigurationError(
            f"DRIFTLINE_DASHBOARD_TOKENS: {path}: {place}: {fault['msg']}; expected {_FORM}"
        ) from None
    if not accounts or len({a.name for a in accounts}) < len(accounts):
        raise ConfigurationError(f"DRIFTLINE_DASHBOARD_TOKENS: {path}: expected at least one entry, names once each")
    return Accounts(tuple(accounts))


def _flat(error: Exception) -> str:
    return " ".join(str(error).split())
