"""Files of past predictions, read in bounded memory and written into the log; nothing is dropped."""

from driftline_producers.replay._options import Columns, ReplayOptions
from driftline_producers.replay._producer import WaitingProducer
from driftline_producers.replay._record import Record
from driftline_producers.replay._replay import Replay, ReplaySummary
from driftline_producers.replay._timestamps import epoch_ms

__all__ = ["Columns", "Record", "Replay", "ReplayOptions", "ReplaySummary", "WaitingProducer", "epoch_ms"]
