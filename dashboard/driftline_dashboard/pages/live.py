"""Parts of a page that stay up to date without a reload."""

import logging
from collections.abc import Awaitable, Callable

from markupsafe import Markup
from nicegui import ui

from driftline_dashboard.charts.style import Options
from driftline_dashboard.pages.client import Refused
from driftline_dashboard.pages.text import empty

LOOK_SECONDS = 3.0
SELDOM_SECONDS = 30.0
"""Of what costs the store much and changes little."""

logger = logging.getLogger(__name__)


class Text:
    """A piece of HTML; it is sent again only when it has changed."""

    def __init__(self, classes: str = "") -> None:
        self._element = ui.html("", sanitize=False).classes(classes)
        self._shown = ""

    def show(self, text: Markup) -> None:
        """Show this."""
        if text != self._shown:
            self._shown = text
            self._element.set_content(text)


class Chart:
    """A chart; its data is sent again only when it has changed.

    Args:
        title: Read out to who does not see it.
        height: CSS height.
    """

    def __init__(self, title: str, height: str = "260px") -> None:
        self._element = ui.echart({}, renderer="svg").classes("chart").style(f"height: {height}")
        self._element.props(f'role="img" aria-label="{title}"')
        self._shown: Options = {}

    def show(self, options: Options) -> None:
        """Show this."""
        if options != self._shown:
            self._shown = options
            self._element.options.clear()
            self._element.options.update(options)
            self._element.update()


def keep_up(look: Callable[[], Awaitable[None]], told: Text, seconds: float = LOOK_SECONDS) -> None:
    """Bring a page up to date as soon as a browser shows it, and again and again as long as it does.

    Args:
        look: Asks the API and shows what it answers.
        told: Where to say what is wrong.
        seconds: From one look to the next.
    """

    async def carefully() -> None:
        try:
            await look()
            told.show(Markup(""))
        except Refused as error:
            told.show(empty("This cannot be shown", error))
        except Exception:
            logger.exception("a page could not be brought up to date")
            told.show(empty("This page could not be brought up to date", "The dashboard's log says why."))

    told.show(Markup('<p class="hint" role="status">Loading …</p>'))
    ui.timer(seconds, carefully)
