"""What categories are called: detectors know them by their codes only."""

from collections.abc import Iterable
from typing import Any, Self

from driftline_detectors.columns import OptionalTexts
from driftline_detectors.feature_table import codes
from driftline_detectors.snapshots import Plain

MAX_NAMES = 64
"""Of each feature the first so many are remembered."""

_MAX_CHARS = 64


class CategoryNames:
    """The first texts of each feature, by their codes."""

    def __init__(self) -> None:
        self._names: dict[str, dict[int, str]] = {}

    def learn(self, feature: str, texts: OptionalTexts) -> None:
        """Take the next values."""
        known = self._names.setdefault(feature, {})
        if len(known) >= MAX_NAMES:
            return
        distinct = [text for text in dict.fromkeys(texts) if text is not None]
        for code, text in zip(codes(distinct).astype(int).tolist(), distinct, strict=True):
            if len(known) < MAX_NAMES:
                known.setdefault(code, text[:_MAX_CHARS])

    def of(self, feature: str, code: int | None) -> str:
        """The text behind a code; empty where it is not known."""
        return "" if code is None else self._names.get(feature, {}).get(code, "")

    def snapshot(self) -> list[Plain]:
        """Return the whole state as plain data."""
        return [[feature, [[code, name] for code, name in names.items()]] for feature, names in self._names.items()]

    @classmethod
    def restore(cls, state: Iterable[Any]) -> Self:
        """Return the names that `snapshot` described; raise TypeError or ValueError if it is damaged."""
        found = cls()
        found._names = {str(feature): {int(code): str(name) for code, name in names} for feature, names in state}
        return found
