"""Ids of predictions that sort by the time at which they were made."""

import secrets
import time
from collections.abc import Callable

_NS_PER_MS = 1_000_000

FIRST_NUMBER = 10**10
"""Calls are numbered from here, so that all numbers have one width."""


class IdPrefixes:
    """The common beginning of the ids that are made until the next one is asked for.

    An id is a prefix and the number of the call: `<epoch ms, 11 hex digits>-<12 random hex digits>-<number>`, 36
    characters. The random digits are drawn once per instance, so ids of different processes differ. Prefixes never
    fall, even when the clock goes back, and numbers have one width, so the ids of one emitter sort in the order in
    which they were made, those of different emitters by the time of their prefixes. Neighbours differ in their last
    digits only, and compress accordingly.

    >>> prefixes = IdPrefixes(clock_ns=lambda: 1_763_870_000_000_500_000)
    >>> event_id = prefixes.make() + str(FIRST_NUMBER)
    >>> event_id[:12], event_id[24:], len(event_id)
    ('19aaed84380-', '-10000000000', 36)
    """

    def __init__(self, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self._clock_ns = clock_ns
        self._ms = 0
        self._random = secrets.token_hex(6)

    def make(self) -> str:
        """The prefix of this moment; not to be called by two threads at a time."""
        self._ms = max(self._ms, self._clock_ns() // _NS_PER_MS)
        return f"{self._ms:011x}-{self._random}-"
