"""Write `docs/schema.md` from a real engine: `python -m driftline.schema_page docs/schema.md`."""

import sys
import tempfile
from contextlib import closing
from pathlib import Path

from driftline.stack.parts import CLICKHOUSE
from driftline.stack.stack import Stack
from driftline_schemas.clickhouse import connect, migrate
from driftline_schemas.clickhouse.document import schema_page
from driftline_schemas.settings import ClickHouseAddress


def main() -> None:
    """Start an engine, migrate it, and write down what it holds."""
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), parts=[CLICKHOUSE])
        stack.up()
        try:
            address = ClickHouseAddress.parse(stack.environment()["DRIFTLINE_CLICKHOUSE"])
            migrate(address)
            with closing(connect(address)) as client:
                Path(sys.argv[1]).write_text(schema_page(client), "utf-8")
        finally:
            stack.down()


if __name__ == "__main__":
    main()
