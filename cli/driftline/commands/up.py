"""``driftline up``."""

from driftline.commands.options import StateFolder


def up(state: StateFolder = None) -> None:
    """Start Kafka, ClickHouse, worker, retrain service, notifier and dashboard on this machine, in the background."""
    from rich.console import Console

    from driftline.commands.status import show_status
    from driftline.stack.folder import default_state_folder
    from driftline.stack.screen import shown_progress
    from driftline.stack.stack import Stack

    console = Console(stderr=True)
    with shown_progress(console) as progress:
        status = Stack(state or default_state_folder()).up(progress)
    show_status(status)
