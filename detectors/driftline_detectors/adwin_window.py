"""The bytes of River's compiled ADWIN window: what they must be, since River's code ends in a panic where they are not.

Little-endian, without gaps: the parameters; total, deviation and two widths; four counts and the number of rows; the
rows of buckets; the parameters once more. A bucket in row `r` sums up 2^r values; a row has room for 5 buckets (and one
more while it is tidied up), and holds at least 4 if another row follows.
"""

from struct import Struct
from typing import Final

_PARAMETERS: Final = 36
_FIGURES: Final = Struct("<4d16xQ")
_ROW: Final = Struct("<QQQ48xQ48x")
_ROWS_AT: Final = _PARAMETERS + _FIGURES.size
_TAIL: Final = 28
_MAX_ROWS: Final = 48


def total(window: bytes) -> float:
    """Return the sum of a window's values."""
    return float(_FIGURES.unpack_from(window, _PARAMETERS)[0])


def refuse_damaged_window(window: bytes, fresh: bytes) -> None:
    """Raise ValueError unless `window` is a state of a window with the same parameters as the empty one `fresh`."""
    body = window[_ROWS_AT:-_TAIL]
    if len(window) < len(fresh) or len(body) % _ROW.size or len(body) > _MAX_ROWS * _ROW.size:
        raise ValueError(f"an ADWIN window of {len(window)} bytes")
    if window[:_PARAMETERS] != fresh[:_PARAMETERS] or window[-_TAIL:] != fresh[-_TAIL:]:
        raise ValueError("an ADWIN window with other parameters")
    _, _, width, _, rows = _FIGURES.unpack_from(window, _PARAMETERS)
    found = list(_ROW.iter_unpack(body))
    if rows != len(found) or any((room, totals, deviations) != (5, 6, 6) for room, _, totals, deviations in found):
        raise ValueError("an ADWIN window whose rows have another shape")
    used = [each[1] for each in found]
    fewest = [*([4] * (rows - 1)), int(rows > 1)]
    if not all(low <= buckets <= 5 for low, buckets in zip(fewest, used, strict=True)):
        raise ValueError(f"an ADWIN window with rows of {used} buckets")
    if width != sum(buckets << row for row, buckets in enumerate(used)):
        raise ValueError(f"an ADWIN window of {width} values with rows of {used} buckets")
