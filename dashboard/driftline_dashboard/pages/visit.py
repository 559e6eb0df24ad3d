"""One look at one page: who looks, at what, and the way to the API."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from starlette.requests import Request

from driftline_dashboard.access.tokens import ROLES, Account, Role
from driftline_dashboard.pages.client import Api
from driftline_dashboard.pages.frame import frame
from driftline_dashboard.pages.live import Text


@dataclass(frozen=True)
class Visit:
    """What a page is made of.

    Attributes:
        request: Of the browser.
        api: Asks as that browser.
        who: Who looks.
        open_to_read: Whether there are no accounts, so that nobody may act.
    """

    request: Request
    api: Api
    who: Account
    open_to_read: bool

    @property
    def query(self) -> Mapping[str, str]:
        """What the address holds."""
        return dict(self.request.query_params)

    @property
    def path(self) -> str:
        """Of the page."""
        return self.request.url.path

    def named(self, name: str) -> str:
        """A part of the page's path."""
        return str(self.request.path_params[name])

    def whole(self, name: str) -> int:
        """A parameter that is a whole number; 0 when it is none."""
        text = self.request.query_params.get(name, "")
        return int(text) if text.isdecimal() and len(text) < 7 else 0

    def may(self, least: Role) -> bool:
        """Whether who looks may do what takes this role."""
        return not self.open_to_read and ROLES.index(self.who.role) >= ROLES.index(least)

    def frame(self, title: str) -> AbstractContextManager[Text]:
        """The page's frame."""
        return frame(self.request, title, self.who, open_to_read=self.open_to_read)
