"""When the memory of what came before is cut: at the end of a block, so that every reading of the log forgets alike."""

from dataclasses import dataclass

GENERATION_EVENTS = 50_000
"""A generation with so many events is full; what is among the last so many is known, unless it is old."""

GENERATION_MS = 3_600_000
"""A generation that began so long ago, by the broker's clock, is old; after about twice this nothing is known."""


@dataclass
class Age:
    """How much a generation has taken and when it began: the end of the block before it, -1 before the first."""

    began_ms: int = -1
    events: int = 0

    def over(self, first_logged_at_ms: int, last_logged_at_ms: int) -> bool:
        """Whether, at the end of a block that lasted from then to then, the next generation begins."""
        if self.began_ms < 0:
            self.began_ms = first_logged_at_ms
        return self.events >= GENERATION_EVENTS or last_logged_at_ms - self.began_ms >= GENERATION_MS
