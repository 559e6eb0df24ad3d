"""How the service's rounds go, for whoever looks from outside."""

import time


class Rounds:
    """How the last round ended.

    Attributes:
        ended_at: When one last ended well, in seconds since 1970; 0 before. For people, nothing depends on it.
        error: What the last one met; None when it ended well.
    """

    def __init__(self) -> None:
        self.ended_at = 0.0
        self.error: Exception | None = None

    def ended(self, error: Exception | None = None) -> None:
        """Note the end of a round."""
        self.error = error
        if error is None:
            self.ended_at = time.time()
