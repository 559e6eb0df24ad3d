"""A service that predicts, first at once, then at an even rate, and hears the truth a little later; its own process.

``python -m tests.chaos.emitter KAFKA PREFIX MODEL RATE`` logs until standard input ends, and prints what became of it.
"""

import json
import random
import sys
import threading
import time

from driftline_producers import InferenceLogger

LATER = 1_000
AT_ONCE = 6_000  # predictions: more than a reference window, so that all that monitors is loaded
CLOSE_SECONDS = 120


def main() -> None:
    """Log a burst, then one prediction and one outcome per 1 / RATE seconds each."""
    kafka, prefix, model, rate = sys.argv[1:]
    ended = threading.Event()
    threading.Thread(target=_wait_for_end, args=(ended,), daemon=True).start()
    chance = random.Random(1)
    logger = InferenceLogger(model, "1", kafka=kafka, topic_prefix=prefix)
    ids: list[str] = []
    started = time.monotonic()
    while not ended.wait(max(0.0, started + (len(ids) - AT_ONCE) / float(rate) - time.monotonic())):
        ids.append(logger.log({"x": chance.gauss(0, 1), "country": "DE"}, chance.random() < 0.5, score=0.9))
        if len(ids) > LATER:
            logger.outcome(ids[-LATER], chance.random() < 0.5)
    logger.close(CLOSE_SECONDS)
    counters = logger.counters
    document = {"predictions": len(ids), "outcomes": max(0, len(ids) - LATER), "sent": counters.sent}
    print(json.dumps(document | {"dropped": dict(counters.dropped)}))  # noqa: T201 - a program


def _wait_for_end(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


if __name__ == "__main__":
    main()
