"""Who asks, and whether that is allowed."""

from dataclasses import dataclass

from starlette.requests import Request

from driftline_dashboard.access.sessions import Sessions
from driftline_dashboard.access.tokens import ROLES, Account, Accounts, Role
from driftline_dashboard.problems import Problem

COOKIE = "driftline-session"
NOBODY = Account(name="anybody", role="viewer", sha256="0" * 64)
"""Who reads where there are no tokens."""

_NO_TOKENS = (
    "this dashboard is read-only, because it knows no tokens: name a tokens file in DRIFTLINE_DASHBOARD_TOKENS "
    "(docs/dashboard.md) and start it again, or use the command line"
)


@dataclass(frozen=True)
class Guard:
    """Knows accounts and sessions.

    Attributes:
        accounts: Who has a token.
        sessions: Who has logged in with one.
    """

    accounts: Accounts
    sessions: Sessions

    @property
    def open_to_read(self) -> bool:
        """Whether nobody needs a token to read."""
        return not self.accounts.known

    def who(self, request: Request) -> Account | None:
        """Who sent a request: by bearer token, otherwise by the session's cookie; None for a stranger."""
        if self.open_to_read:
            return NOBODY
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.accounts.find(token.strip())
        return self.sessions.find(request.cookies.get(COOKIE, ""))

    def reader(self, request: Request) -> Account:
        """Who reads.

        Raises:
            Problem: 401, where reading needs a token and there is none.
        """
        if (account := self.who(request)) is None:
            raise Problem(401, "Not logged in", "send a token as `Authorization: Bearer ...`, or log in at /login")
        return account

    def actor(self, request: Request, least: Role) -> Account:
        """Who acts.

        Args:
            request: What was sent.
            least: The role that this takes, or one that may more.

        Raises:
            Problem: 401 for a stranger; 403 where nobody may act, or where the role is too small.
        """
        if self.open_to_read:
            raise Problem(403, "Read-only", _NO_TOKENS)
        account = self.reader(request)
        if ROLES.index(account.role) < ROLES.index(least):
            enough = ROLES[ROLES.index(least) :]
            raise Problem(
                403, "Not allowed", f"{account.name} is {account.role}; this takes {' or '.join(enough)}", enough
            )
        return account
