"""The bytes of River's compiled ADWIN window: what they must be, since River's code ends in a panic where they are not.

Little-endian, without gaps: the head below, the rows of buckets, and 28 bytes that repeat the parameters. A bucket in
row `r` sums up 2^r values; a row holds at most 5 buckets, and at least 4 if another row follows.
"""

from typing import Final

import numpy as np

_PARAMETERS: Final = 36
_HEAD: Final = np.dtype(
    [("parameters", f"V{_PARAMETERS}"), ("figures", "<f8", 4), ("counts", "<i4", 4), ("rows", "<u8")]
)
_ROW: Final = np.dtype(
    [
        ("capacity", "<u8"),
        ("used", "<u8"),
        ("totals", "<u8"),
        ("total", "<f8", 6),
        ("deviations", "<u8"),
        ("deviation", "<f8", 6),
    ]
)
_TAIL: Final = 28
_MAX_ROWS: Final = 48


def total(window: bytes) -> float:
    """Return the sum of a window's values."""
    return float(np.frombuffer(window, _HEAD, 1)["figures"][0, 0])


def refuse_damaged_window(window: bytes, fresh: bytes) -> None:
    """Raise ValueError unless `window` is a state of a window with the same parameters as the empty one `fresh`."""
    body = len(window) - _HEAD.itemsize - _TAIL
    if body % _ROW.itemsize or not 1 <= body // _ROW.itemsize <= _MAX_ROWS:
        raise ValueError(f"an ADWIN window of {len(window)} bytes")
    if window[:_PARAMETERS] != fresh[:_PARAMETERS] or window[-_TAIL:] != fresh[-_TAIL:]:
        raise ValueError("an ADWIN window with other parameters")
    head = np.frombuffer(window, _HEAD, 1)[0]
    rows = np.frombuffer(window, _ROW, body // _ROW.itemsize, _HEAD.itemsize)
    shape = np.array([rows["capacity"], rows["totals"], rows["deviations"]])
    if head["rows"] != len(rows) or np.any(shape != np.array([[5], [6], [6]])):
        raise ValueError("an ADWIN window whose rows have another shape")
    used = rows["used"].tolist()
    fewest = [*([4] * (len(used) - 1)), int(len(used) > 1)]
    width = sum(buckets << row for row, buckets in enumerate(used))
    if not all(low <= buckets <= 5 for low, buckets in zip(fewest, used, strict=True)) or head["figures"][2] != width:
        raise ValueError(f"an ADWIN window of {head['figures'][2]} values in rows of {used} buckets")
