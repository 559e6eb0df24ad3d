"""``driftline dashboard``."""

from typing import Annotated

import typer

NewToken = Annotated[bool, typer.Option("--new-token", help="Print a token and its line for the tokens file, and end.")]


def dashboard(new_token: NewToken = False) -> None:
    """Serve the web page and the HTTP API, in the foreground."""
    if new_token:
        _show_new_token()
        return
    from driftline.addresses import settings
    from driftline_dashboard.main import run

    run(settings())


def _show_new_token() -> None:
    import hashlib
    import secrets

    token = secrets.token_urlsafe(32)
    digest = hashlib.sha256(token.encode()).hexdigest()
    typer.echo(f"token, for its owner: {token}")
    typer.echo(f"line, for the file:   - {{name: NAME, role: viewer|operator|admin, sha256: {digest}}}")
