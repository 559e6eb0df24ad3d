"""Room for what learns: reference windows are large, and many features may begin at once."""


class LearningPlaces:
    """How many values may still be kept in reference windows.

    Whoever shares the room passes one object down to all watches, at a place that the log determines: first each keeps
    the places that it has (`take`), then each asks for those that it lacks (`ask`).

    >>> places = LearningPlaces(10_000)
    >>> places.take(5_000)
    >>> places.ask(5_000), places.ask(5_000)
    (True, False)
    """

    def __init__(self, values: int) -> None:
        self._left = values

    def take(self, values: int) -> None:
        """Count a place that was given before."""
        self._left -= values

    def ask(self, values: int) -> bool:
        """Give a place for so many values, if there is room."""
        found = values <= self._left
        if found:
            self._left -= values
        return found
