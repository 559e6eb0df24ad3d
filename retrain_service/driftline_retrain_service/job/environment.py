"""What a model was trained with besides its rows: the code, the libraries, the machine."""

import hashlib
import os
import platform
import subprocess
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

_GIT_TIMEOUT_SECONDS = 10.0


class Environment(BaseModel):
    """The surroundings of one training; equal ones give the same model for the same specification and rows."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    python: str = ""
    platform: str = Field(default="", description="operating system and processor")
    commit: str = Field(default="", description="git commit of Driftline's own code, `-dirty` when changed; '' unknown")
    lock_sha256: str = Field(default="", description="of the installed distributions, as `name==version` lines, sorted")
    distributions: dict[str, str] = Field(default_factory=dict, description="version of each of them")


@cache
def environment() -> Environment:
    """Describe this process's surroundings; they are looked at once."""
    installed = {found.name: found.version for found in distributions()}
    installed = dict(sorted(installed.items()))
    lock = "".join(f"{name}=={version}\n" for name, version in installed.items())
    return Environment(
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        commit=_commit(),
        lock_sha256=hashlib.sha256(lock.encode()).hexdigest(),
        distributions=installed,
    )


def _commit() -> str:
    """The commit of the checkout that this file is part of; empty for an installed package."""
    here = Path(__file__).resolve()
    if "site-packages" in here.parts:
        return ""
    command = ["git", "-C", str(here.parent), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        quiet = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}  # to look, and leave the checkout alone
        found = subprocess.run(
            command, env=quiet, capture_output=True, text=True, timeout=_GIT_TIMEOUT_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip()
