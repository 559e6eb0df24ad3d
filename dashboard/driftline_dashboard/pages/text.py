"""How values are written for people. Everything is `Markup`: what strangers have named is escaped."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from markupsafe import Markup

LONG_AGO_SECONDS = 60 * 86_400.0
"""What is longer ago is told by its date."""

NONE = Markup('<span class="none" aria-label="none">&ndash;</span>')

_ICONS = {
    "critical": ("error", "Critical"),
    "warning": ("warning", "Warning"),
    "info": ("info", "Info"),
    "healthy": ("check_circle", "Healthy"),
    "learning": ("hourglass_empty", "Learning"),
    "open": ("notifications_active", "Open"),
    "acknowledged": ("visibility", "Acknowledged"),
    "resolved": ("check_circle", "Resolved"),
    "promoted": ("trending_up", "Promoted"),
    "refused": ("block", "Refused"),
    "rolled-back": ("undo", "Rolled back"),
    "waiting": ("schedule", "Waiting"),
    "training": ("model_training", "Training"),
    "shadow": ("compare_arrows", "In shadow"),
    "failed": ("error", "Failed"),
    "skipped": ("skip_next", "Skipped"),
    "joined": ("merge", "Joined"),
    "rejected": ("cancel", "Rejected"),
    "delivered": ("check_circle", "Delivered"),
    "retrying": ("schedule", "Retrying"),
}


def state(name: str) -> Markup:
    """An icon and a word; colour only repeats what they say."""
    icon, word = _ICONS.get(name, ("help", name))
    return Markup(
        '<span class="state state-{name}"><i class="material-icons" aria-hidden="true">{icon}</i>{word}</span>'
    ).format(name=name, icon=icon, word=word)


def ago(time: datetime | None, now: datetime | None = None) -> Markup:
    """How long ago, with the time itself on hover.

    >>> ago(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 5, tzinfo=UTC)).striptags()
    '5 h ago'
    """
    if time is None:
        return NONE
    seconds = ((now or datetime.now(UTC)) - time).total_seconds()
    if seconds > LONG_AGO_SECONDS:
        return at(time)
    return Markup('<time datetime="{iso}" title="{full}">{said}</time>').format(
        iso=time.isoformat(), full=moment(time), said=_age(seconds)
    )


def at(time: datetime | None) -> Markup:
    """A time of the log or of the market, to the minute, with the seconds on hover."""
    if time is None:
        return NONE
    return Markup('<time datetime="{iso}" title="{full}">{said}</time>').format(
        iso=time.isoformat(), full=moment(time), said=f"{time:%Y-%m-%d %H:%M}"
    )


def moment(time: datetime) -> str:
    """A time in full.

    >>> moment(datetime(2026, 1, 31, 12, 30, 5, tzinfo=UTC))
    '2026-01-31 12:30:05 UTC'
    """
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def share(value: float | None, digits: int = 1) -> Markup:
    """A share of one as per cent.

    >>> share(0.7143).striptags()
    '71.4 %'
    """
    return NONE if value is None else Markup("{}<small> %</small>").format(f"{100 * value:.{digits}f}")


def number(value: float | None, unit: str = "", digits: int = 3) -> Markup:
    """A number of so many significant digits, with its unit; large ones in full.

    >>> number(1234567, "rows").striptags(), number(0.012345).striptags()
    ('1,234,567 rows', '0.0123')
    """
    if value is None:
        return NONE
    large = abs(value) >= 10**digits or value == int(value)
    text = f"{value:,.0f}" if large else f"{value:.{digits}g}"
    return Markup("{}<small> {}</small>").format(text, unit) if unit else Markup("{}").format(text)


def duration(seconds: float | None) -> Markup:
    """A length of time in the unit that suits it.

    >>> duration(86_400).striptags(), duration(90).striptags()
    ('24 h', '1.5 min')
    """
    if seconds is None:
        return NONE
    for limit, unit, size in ((1, "ms", 0.001), (60, "s", 1), (3600, "min", 60), (172_800, "h", 3600)):
        if seconds < limit:
            return number(seconds / size, unit)
    return number(seconds / 86_400, "days")


def link(path: str, text: object, query: Mapping[str, str] | None = None) -> Markup:
    """A link that keeps what `query` holds; empty values are left out."""
    return Markup('<a href="{}">{}</a>').format(address(path, query), text)


def address(path: str, query: Mapping[str, str] | None = None) -> str:
    """A path with its query; empty values are left out.

    >>> address("/models/a%2Fb", {"from": "24h", "version": ""})
    '/models/a%2Fb?from=24h'
    """
    kept = {name: value for name, value in (query or {}).items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path


def model_path(model: str) -> str:
    """The path of a model's page.

    >>> model_path("a/b")
    '/models/a%2Fb'
    """
    return f"/models/{quote(model, safe='')}"


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], caption: str) -> Markup:
    """A table; on a phone each cell says its column's name. Heads that end in `#` are of numbers.

    Args:
        heads: Names of the columns.
        rows: Cells.
        caption: What the table is about, for who does not see it.
    """
    classes = ["number" if head.endswith("#") else "" for head in heads]
    names = [head.rstrip("#") for head in heads]
    head = Markup("").join(
        Markup('<th scope="col" class="{}">{}</th>').format(*pair) for pair in zip(classes, names, strict=True)
    )
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup('<td class="{}" data-label="{}"><div>{}</div></td>').format(*cell)
                for cell in zip(classes, names, row, strict=True)
            )
        )
        for row in rows
    )
    return Markup(
        '<table><caption class="unseen">{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>'
    ).format(caption, head, body)


def empty(title: str, todo: object) -> Markup:
    """What is said where there is nothing: what to do next."""
    return Markup('<div class="empty"><strong>{}</strong><p>{}</p></div>').format(title, todo)


def figures(pairs: Sequence[tuple[str, object, str]]) -> Markup:
    """Key figures in a row: name, value, and what it is of."""
    return Markup('<dl class="figures">{}</dl>').format(
        Markup("").join(Markup("<div><dt>{}</dt><dd>{}</dd><span>{}</span></div>").format(*pair) for pair in pairs)
    )


def _age(seconds: float) -> str:
    if seconds < 1:
        return "now"
    for limit, unit, size in ((60, "s", 1), (3600, "min", 60), (172_800, "h", 3600)):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{seconds / 86_400:.0f} days ago"
