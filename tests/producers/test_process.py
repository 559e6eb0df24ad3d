"""What can only be seen in a process of its own: forks, exits, imports."""

import json
import subprocess
import sys
from typing import Any

from driftline_schemas.topics import Topics
from tests.producers.log import of_type, read_log

SECONDS = 60

FORK = """
import json, os, sys, warnings
warnings.simplefilter("ignore")  # Python 3.12 warns of every fork of a process with threads
from driftline_producers import InferenceLogger

logger = InferenceLogger("m", kafka=sys.argv[1], topic_prefix=sys.argv[2])
ids = [logger.log({"by": "parent"}, number) for number in range(100)]
assert logger.flush(30)
ids += [logger.log({"by": "parent"}, number) for number in range(100)]
child = os.fork()
if child == 0:
    assert logger.counters.logged == 0
    mine = [logger.log({"by": "child"}, number) for number in range(50)]
    assert logger.flush(30) and logger.counters.sent == 50, logger.counters
    sys.exit(0)  # runs the exit hooks, like a pre-fork server's worker
_, status = os.waitpid(child, 0)
assert status == 0, status
logger.close(30)
print(json.dumps([ids, logger.counters.sent]))
"""

EXIT = """
import sys
from driftline_producers import InferenceLogger

logger = InferenceLogger("m", kafka=sys.argv[1], topic_prefix=sys.argv[2])
for number in range(1000):
    logger.log({"x": number}, number)
"""

BARE = """
import json, sys
before = set(sys.modules)
import driftline_producers
from driftline_producers import InferenceLogger

with InferenceLogger("m", kafka=sys.argv[1], topic_prefix=sys.argv[2]) as logger:
    logger.log({"x": 1.0}, 1)
assert logger.counters.sent == 1, logger.counters
ours = {name.partition(".")[0] for name in set(sys.modules) - before}
ours -= sys.stdlib_module_names
print(json.dumps(sorted(name for name in ours if not name.startswith("_"))))
"""

KAFKAS_OWN = {"cramjam", "crc32c", "kafka", "lz4", "snappy", "xxhash", "zstandard"}  # codecs, where they are installed
PYDANTICS_OWN = {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}
ITS_OWN = {"driftline_producers", "driftline_schemas", "orjson"} | KAFKAS_OWN | PYDANTICS_OWN


def run(script: str, kafka: str, topics: Topics) -> str:
    command = [sys.executable, "-c", script, kafka, topics.prefix]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def logged_by(documents: list[dict[str, Any]], who: str) -> list[str]:
    return [document["event_id"] for document in documents if document["features"] == {"by": who}]


def test_a_forked_child_sends_its_own_records_and_leaves_its_parents_alone(kafka_address: str, topics: Topics) -> None:
    ids, sent = json.loads(run(FORK, kafka_address, topics))
    records = read_log(kafka_address, topics.events.name)
    predictions = of_type(records, "prediction")
    assert logged_by(predictions, "parent") == ids
    assert len(set(logged_by(predictions, "child"))) == 50
    assert sent == 200
    assert len({report["emitter"] for report in of_type(records, "emitter-report")}) == 2


def test_a_process_that_ends_without_close_sends_what_it_logged(kafka_address: str, topics: Topics) -> None:
    run(EXIT, kafka_address, topics)
    records = read_log(kafka_address, topics.events.name)
    assert len(of_type(records, "prediction")) == 1000
    assert of_type(records, "emitter-report")[-1]["sent"] == 1000


def test_a_service_needs_nothing_but_kafka_orjson_and_pydantic(kafka_address: str, topics: Topics) -> None:
    imported = set(json.loads(run(BARE, kafka_address, topics)))
    assert "driftline_producers" in imported
    assert imported <= ITS_OWN, imported - ITS_OWN
