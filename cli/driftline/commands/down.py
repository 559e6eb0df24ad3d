"""``driftline down``."""

import typer

from driftline.commands.options import StateFolder


def down(state: StateFolder = None) -> None:
    """End every part of the stack and wait for it; the data stays."""
    from driftline.stack.folder import default_state_folder
    from driftline.stack.stack import Stack

    folder = state or default_state_folder()
    ended = Stack(folder).down()
    typer.echo(f"Ended the stack in {folder}; its data stays." if ended else f"No stack runs in {folder}.")
