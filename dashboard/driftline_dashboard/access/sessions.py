"""Browsers that have logged in; in memory, so a restart ends them all."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

from driftline_dashboard.access.tokens import Account

SESSION_SECONDS = 12 * 3600
MAX_SESSIONS = 10_000


class Sessions:
    """Sessions by their random id; beyond `MAX_SESSIONS` the oldest ends.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: OrderedDict[str, tuple[Account, float]] = OrderedDict()

    def begin(self, account: Account) -> str:
        """A new session's id."""
        session = secrets.token_urlsafe(32)
        self._open[session] = (account, self._clock() + SESSION_SECONDS)
        while len(self._open) > MAX_SESSIONS:
            self._open.popitem(last=False)
        return session

    def find(self, session: str) -> Account | None:
        """Whose session it is; None when it has ended or never was."""
        account, ends = self._open.get(session, (None, 0.0))
        if ends > self._clock():
            return account
        self.end(session)
        return None

    def end(self, session: str) -> None:
        """End a session."""
        self._open.pop(session, None)
