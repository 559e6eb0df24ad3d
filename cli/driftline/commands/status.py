"""``driftline status``."""

from typing import TYPE_CHECKING, Annotated

import typer

from driftline.commands.options import StateFolder
from driftline.errors import FAILED

if TYPE_CHECKING:
    from driftline.stack.status import StackStatus

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def status(state: StateFolder = None, as_json: AsJson = False) -> None:
    """Show addresses, process ids and the health of each part; exit code 1 when a part is not healthy."""
    from driftline.stack.folder import default_state_folder
    from driftline.stack.stack import Stack

    now = Stack(state or default_state_folder()).status()
    if as_json:
        typer.echo(now.to_json())
    else:
        show_status(now)
    if not now.healthy:
        raise typer.Exit(FAILED)


def show_status(status: "StackStatus") -> None:
    """Write the status as a table, and how another program finds the stack."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not status.running:
        console.print(f"No stack runs in {status.state_folder}: start it with `driftline up`.", soft_wrap=True)
        return
    table = Table("part", "health", "pid", "up", "address", header_style="bold")
    for part in status.parts:
        health = "[green]healthy[/green]" if part.healthy else f"[red]{part.state}, not healthy[/red]"
        table.add_row(part.name, health, str(part.pid or ""), f"{part.uptime_seconds} s", part.address or "")
    console.print(table)
    console.print(f"Supervisor {status.pid}, state and logs in {status.state_folder}", soft_wrap=True, highlight=False)
    console.print("For other programs:", highlight=False)
    for name, value in status.environment.items():
        console.print(f"  export {name}={value}", soft_wrap=True, highlight=False, markup=False)
