"""The ledger and the dead letters: whether everything is accounted for."""

from markupsafe import Markup
from nicegui import ui

from driftline_dashboard.pages.frame import choices
from driftline_dashboard.pages.live import Text, keep_up
from driftline_dashboard.pages.text import NONE, ago, empty, figures, number, state, table
from driftline_dashboard.pages.visit import Visit
from driftline_dashboard.queries.dead_letters import DeadLetters
from driftline_dashboard.queries.ledger import Ledger, PartitionAccount


def ledger(visit: Visit) -> None:
    """The page."""
    reason = visit.query.get("reason", "")
    with visit.frame("Ledger") as told:
        ui.html(Markup("<h1>Ledger</h1>"), sanitize=False)
        sums, partitions, emitters, letters = Text(), Text(), Text(), Text()

        async def look() -> None:
            account = await visit.api.get("/ledger", Ledger)
            sums.show(_sums(account))
            partitions.show(_panel("Partitions", _partitions(account.partitions)))
            emitters.show(_panel("Emitters", _emitters(account)))
            dead = await visit.api.get("/dead-letters", DeadLetters, reason=reason)
            ways = choices("reason", _reasons(dead), reason, visit.path, visit.query) if dead.by_reason else ""
            letters.show(_panel("Dead letters", _letters(dead), ways))

        keep_up(look, told)


def _sums(account: Ledger) -> Markup:
    unexplained = sum(p.unexplained for p in account.partitions) + sum(e.unexplained for e in account.emitters)
    verdict = "everything adds up" if not unexplained else state("critical")
    total = {
        name: sum(getattr(p, name) for p in account.partitions) for name in ("predictions", "outcomes", "repeated")
    }
    return figures(
        (
            ("Unexplained", number(unexplained, "", 9), verdict),
            ("Predictions stored", number(total["predictions"], "", 9), "each exactly once"),
            ("Outcomes stored", number(total["outcomes"], "", 9), "joined or waiting"),
            ("Repeated events", number(total["repeated"], "", 9), "counted, not stored again"),
            ("Dead letters", number(sum(p.dead_letters for p in account.partitions), "", 9), "with reason and bytes"),
        )
    )


def _partitions(partitions: list[PartitionAccount]) -> Markup:
    if not partitions:
        return empty("Nothing is stored yet", Markup("A worker must run: <code>driftline status</code> says whether."))
    names = [name for name in PartitionAccount.model_fields if name not in ("partition", "stored_offset")]
    rows = [(p.partition, *(number(getattr(p, name), "", 9) for name in names)) for p in partitions]
    return table(("Partition", *(f"{name.replace('_', ' ').capitalize()}#" for name in names)), rows, "By partition")


def _emitters(account: Ledger) -> Markup:
    if not account.emitters:
        return empty("No emitter has reported yet", "Services that use InferenceLogger report by themselves.")
    rows = [
        (
            e.model,
            e.emitter,
            ago(e.reported_at),
            number(e.sent, "", 9),
            number(e.arrived, "", 9),
            ", ".join(f"{reason} {count}" for reason, count in e.dropped.items() if count) or NONE,
            number(e.unexplained, "", 9),
        )
        for e in account.emitters
    ]
    return table(("Model", "Emitter", "Reported", "Sent#", "Arrived#", "Dropped", "Unexplained#"), rows, "By emitter")


def _reasons(dead: DeadLetters) -> dict[str, str]:
    return {"": "All", **{reason: f"{reason} ({count:,})" for reason, count in dead.by_reason.items()}}


def _letters(dead: DeadLetters) -> Markup:
    if not dead.letters:
        return empty("No dead letter", "Everything that came could be read.")
    rows = [
        (
            ago(letter.logged_at),
            Markup("<code>{}:{}</code>").format(letter.partition, letter.offset),
            letter.reason,
            letter.error,
            letter.key or NONE,
            number(letter.size_bytes, "bytes", 9),
            "replayed" if letter.replayed else NONE,
        )
        for letter in dead.letters
    ]
    what = Markup(
        "<p class='hint'><code>driftline dead-letters show PARTITION:OFFSET</code> prints one; "
        "<code>replay</code> gives it back after a fix.</p>"
    )
    return (
        table(("When", "Place", "Reason", "Error", "Key", "Size#", "Since"), rows, "Dead letters, newest first") + what
    )


def _panel(title: str, content: Markup, more: object = "") -> Markup:
    return Markup('<section><div class="title"><h2>{}</h2>{}</div><div class="panel">{}</div></section>').format(
        title, more, content
    )
