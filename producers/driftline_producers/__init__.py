"""The SDK of the services that predict: every prediction and every outcome into the model's log.

>>> logger = InferenceLogger("fraud", version="3", kafka="127.0.0.1:1")  # no broker there: nothing raises
>>> event_id = logger.log({"amount": 12.5, "country": "DE"}, "ok", score=0.93)
>>> logger.outcome(event_id, "fraud")
>>> logger.close(timeout_seconds=0)
>>> logger.counters.logged, logger.counters.outcomes, dict(logger.counters.dropped)
(1, 1, {'closed': 2})
"""

from driftline_producers._counters import Counters
from driftline_producers._logger import InferenceLogger

__all__ = ["Counters", "InferenceLogger"]
