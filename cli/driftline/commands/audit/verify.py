"""``driftline audit verify``."""

import typer

from driftline.errors import FAILED


def verify() -> None:
    """Find entries of the audit that were altered, removed, reordered or added; exit code 1 when there is one.

    The last entry's hash is printed: kept elsewhere, it also tells when the whole registry is put back to an older
    state.
    """
    from driftline.addresses import settings
    from driftline_registry import registry_folder
    from driftline_retrain_service.audit import Audit

    registry = registry_folder(settings().registry)
    audit = Audit(registry)
    faults = audit.verify() if registry.is_dir() else []
    for fault in faults:
        typer.echo(fault)
    if faults:
        raise typer.Exit(FAILED)
    last = audit.head() if registry.is_dir() else None
    typer.echo(f"{last.sequence:,} entries are sound; the last has {last.sha256}" if last else "There is no entry yet.")
