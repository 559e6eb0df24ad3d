"""What monitors measured as Arrow tables, in the columns of `window_log` and `detector_log`."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from driftline_detectors import ReadingFindings, WindowFindings
from driftline_stream_processors.steps.detect import Found
from driftline_stream_processors.storage.arrow import array, floats, integers, repeated, strings, times


def window_table(found: Sequence[Found[WindowFindings]]) -> pa.Table:
    """Rows of `window_log`."""
    windows = [each.finding for each in found]
    lengths = [len(window.feature) for window in windows]
    return pa.table(
        {
            "window_start": times([np.repeat([window.start_ms for window in windows], lengths)]),
            "window_end": times([np.repeat([window.end_ms for window in windows], lengths)]),
            "feature": strings(window.feature for window in windows),
            "segment": repeated(["=".join(window.segment) for window in windows], lengths),
            "metric": strings(window.metric for window in windows),
            "value": floats(window.value for window in windows),
            "count": integers(window.count for window in windows),
            "window": array(np.repeat([window.window for window in windows], lengths)),
            **_found(found, lengths),
        }
    )


def reading_table(found: Sequence[Found[ReadingFindings]]) -> pa.Table:
    """Rows of `detector_log`."""
    readings = [each.finding for each in found]
    lengths = [len(reading.feature) for reading in readings]
    return pa.table(
        {
            "timestamp": times([np.repeat([each.row.timestamp_ms for each in found], lengths)]),
            "feature": strings(reading.feature for reading in readings),
            "detector": strings(reading.detector for reading in readings),
            "statistic": floats(reading.statistic for reading in readings),
            "threshold": floats(reading.threshold for reading in readings),
            "estimate": floats(reading.estimate for reading in readings),
            "width": integers(reading.width for reading in readings),
            **_found(found, lengths),
        }
    )


def _found(
    found: Sequence[Found[WindowFindings]] | Sequence[Found[ReadingFindings]], lengths: Sequence[int]
) -> dict[str, pa.Array]:
    """Whose they are and where in the log, as often as their lengths say."""
    places = [each.row.at for each in found]
    return {
        "model": repeated([each.model for each in found], lengths),
        "version": repeated([each.version for each in found], lengths),
        "partition": array(np.repeat([place.partition for place in places], lengths)),
        "offset": array(np.repeat([place.offset for place in places], lengths)),
        "logged_at": times([np.repeat([place.logged_at_ms for place in places], lengths)]),
    }
