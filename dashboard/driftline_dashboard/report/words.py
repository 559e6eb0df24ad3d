"""Numbers and times as people read them."""

from collections.abc import Iterable
from datetime import datetime

from driftline_dashboard.report.figures import Skill

NOTHING = "—"


def many(count: int, one: str, more: str = "") -> str:
    """A number with its noun.

    >>> many(1, "drift"), many(1200, "drift")
    ('1 drift', '1,200 drifts')
    """
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def listed(items: Iterable[object]) -> str:
    """With commas and an and.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    *first, last = [str(item) for item in items]
    return f"{', '.join(first)} and {last}" if first else last


def day(time: datetime) -> str:
    """A date and a time of UTC."""
    return f"{time:%Y-%m-%d %H:%M}"


def number(value: float | None) -> str:
    """Three digits that count.

    >>> number(0.012345), number(123456.0), number(None)
    ('0.0123', '123,456', '—')
    """
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def share(value: float | None) -> str:
    """A share as percent.

    >>> share(0.6834), share(None)
    ('68.3 %', '—')
    """
    return NOTHING if value is None else f"{value:.1%}".replace("%", " %")


def share_or_number(skill: Skill) -> str:
    """An accuracy as percent, an error as a number."""
    return share(skill.value) if skill.of_classes else number(skill.value)
