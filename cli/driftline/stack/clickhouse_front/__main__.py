"""Run the front: ``python -m driftline.stack.clickhouse_front --data DIR --port N``. SIGTERM ends it cleanly."""

import argparse
import sys
from pathlib import Path

from aiohttp import web

from driftline.stack.clickhouse_front.engine import Engine
from driftline.stack.clickhouse_front.errors import EngineError
from driftline.stack.clickhouse_front.server import application

SHUTDOWN_SECONDS = 5


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="driftline.stack.clickhouse_front", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the engine's data")
    parser.add_argument("--port", type=int, required=True, help="port on loopback")
    arguments = parser.parse_args()
    try:
        engine = Engine(arguments.data.absolute())
    except EngineError as error:
        sys.exit(f"{arguments.data}: {error}")
    try:
        web.run_app(
            application(engine),
            host="127.0.0.1",
            port=arguments.port,
            print=None,
            access_log=None,
            shutdown_timeout=SHUTDOWN_SECONDS,
        )
    finally:
        engine.close()


main()
