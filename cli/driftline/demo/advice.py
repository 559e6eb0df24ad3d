"""What to try after the demo."""

import shlex
import shutil
import sys
from pathlib import Path

from rich.console import Console

QUERIES = {
    "accuracy by month": """
        SELECT toStartOfMonth(predicted_at) AS month, count() AS outcomes, round(1 - avg(error), 3) AS accuracy
        FROM outcomes GROUP BY month ORDER BY month""",
    "what became of each retrain": """
        SELECT status, challenger_version, round(champion_accuracy, 3) AS champion,
               round(challenger_accuracy, 3) AS challenger, explanation
        FROM retrains ORDER BY at""",
}


def show_advice(console: Console, folder: Path | None) -> None:
    """Print commands to paste.

    Args:
        console: Where to.
        folder: State folder of the stack that was kept running; None when it was ended.
    """
    driftline = "driftline" if shutil.which("driftline") else shlex.quote(sys.argv[0])
    console.print("\nWhat to try next", style="bold")
    lines = _with_stack(driftline, folder) if folder else _without_stack(driftline)
    for line in lines:
        console.print(f"  {line}", soft_wrap=True, highlight=False, markup=False)


def _with_stack(driftline: str, folder: Path) -> list[str]:
    queries = [f'{driftline} sql "{" ".join(sql.split())}"   # {what}' for what, sql in QUERIES.items()]
    return [
        f"export DRIFTLINE_STATE={shlex.quote(str(folder))}",
        f"{driftline} status",
        f"{driftline} alerts --limit 10",
        f"{driftline} models",
        *queries,
        f"{driftline} down && rm -r {shlex.quote(str(folder))}   # when you have seen enough",
    ]


def _without_stack(driftline: str) -> list[str]:
    return [
        f"{driftline} demo --keep   # leaves everything running at the end, to look around",
        f"{driftline} up            # a stack for your own models, then emit events with driftline_producers",
    ]
