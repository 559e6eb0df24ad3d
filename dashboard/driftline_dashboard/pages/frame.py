"""What all pages have: the bar with the ways, the theme, who is logged in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files

from markupsafe import Markup
from nicegui import ui
from starlette.requests import Request

from driftline_dashboard.access.tokens import Account
from driftline_dashboard.pages.live import Text
from driftline_dashboard.pages.text import address

WAYS = (
    ("Models", "/"),
    ("Incidents", "/incidents"),
    ("Retrains", "/retrains"),
    ("Ledger", "/ledger"),
    ("System", "/system"),
)
THEME_COOKIE = "driftline-theme"
THEMES: Mapping[str, bool | None] = {"light": False, "dark": True}

_STYLE = (files(__package__) / "style.css").read_text("utf-8")
_KEEP_THEME = "document.cookie = 'driftline-theme={}; path=/; max-age=31536000; samesite=strict'"


@contextmanager
def frame(request: Request, title: str, who: Account, *, open_to_read: bool) -> Iterator[Text]:
    """A page's frame; inside, its content. Gives the place where to say what is wrong.

    Args:
        request: Of the browser.
        title: Of the page.
        who: Who looks.
        open_to_read: Whether there are no accounts.
    """
    ui.page_title(f"{title} · Driftline")
    ui.add_css(_STYLE)
    ui.colors(primary="#0072B2", negative="#D55E00", positive="#009E73", warning="#E69F00")
    theme = ui.dark_mode(THEMES.get(request.cookies.get(THEME_COOKIE, "")))
    with ui.element("header").classes("bar"):
        ui.html(_ways(request.url.path), sanitize=False).classes("ways")
        _theme_button(theme)
        if not open_to_read:
            ui.html(_who(who), sanitize=False)
    with ui.element("div").classes("content") as content:
        told = Text()
        yield told
    ui.skip_link("Skip to the content", target=content)


def _ways(path: str) -> Markup:
    ways = Markup("").join(Markup('<a href="{}"{}>{}</a>').format(way, _current(path, way), name) for name, way in WAYS)
    return Markup('<a class="mark" href="/">Driftline</a><nav aria-label="Main">{}</nav>').format(ways)


def _current(path: str, way: str) -> Markup:
    here = path == way or (way == "/" and path.startswith("/models")) or (way != "/" and path.startswith(way))
    return Markup(' aria-current="page"') if here else Markup("")


def _who(who: Account) -> Markup:
    return Markup(
        '<form method="post" action="/logout" class="who"><span title="{}">{}</span><button>Log out</button></form>'
    ).format(who.role, who.name)


def _theme_button(theme: ui.dark_mode) -> None:
    async def toggle() -> None:
        dark = await ui.run_javascript("document.body.classList.contains('body--dark')")
        theme.value = not dark
        ui.run_javascript(_KEEP_THEME.format("light" if dark else "dark"))

    button = ui.button(icon="contrast", on_click=toggle, color=None).props(
        'flat round dense aria-label="Dark or light"'
    )
    button.classes("theme")


def choices(name: str, options: Mapping[str, str], chosen: str, path: str, query: Mapping[str, str]) -> Markup:
    """Links side by side of which one is chosen; they keep what else the address holds.

    Args:
        name: Of the parameter, and for who does not see them.
        options: What is shown, by the parameter's value.
        chosen: The current value.
        path: Of the page.
        query: What the address holds.
    """
    links = Markup("").join(
        Markup('<a href="{}"{}>{}</a>').format(
            address(path, {**query, name: value}), Markup(' aria-current="true"') if value == chosen else "", shown
        )
        for value, shown in options.items()
    )
    return Markup('<div class="choices" role="group" aria-label="{}">{}</div>').format(name, links)
