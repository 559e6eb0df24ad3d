"""Results and errors as HTTP."""

import json
import socket

from driftline.stack.clickhouse_front.engine import Result
from driftline.stack.clickhouse_front.errors import EngineError

CONTENT_TYPES = {
    "CSV": "text/csv; charset=UTF-8",
    "CSVWithNames": "text/csv; charset=UTF-8",
    "JSON": "application/json; charset=UTF-8",
    "JSONCompact": "application/json; charset=UTF-8",
    "JSONEachRow": "application/x-ndjson; charset=UTF-8",
    "TabSeparated": "text/tab-separated-values; charset=UTF-8",
    "TSV": "text/tab-separated-values; charset=UTF-8",
}
BINARY = "application/octet-stream"
TEXT = "text/plain; charset=UTF-8"


def common_headers(query_id: str, timezone: str, tag: str) -> dict[str, str]:
    """What every answer carries.

    Args:
        query_id: the client's or one that was drawn.
        timezone: of the engine; clients show times in it.
        tag: marks an error that comes after data, so that no data can be mistaken for one.
    """
    return {
        "X-ClickHouse-Server-Display-Name": socket.gethostname(),
        "X-ClickHouse-Query-Id": query_id,
        "X-ClickHouse-Timezone": timezone,
        "X-ClickHouse-Exception-Tag": tag,
    }


def result_headers(result: Result) -> dict[str, str]:
    """What is known before the first byte of the output."""
    summary = {"X-ClickHouse-Summary": json.dumps(dict(result.summary))}
    if result.data_format is None:
        return summary | {"Content-Type": TEXT}
    content_type = CONTENT_TYPES.get(result.data_format, BINARY)
    return summary | {"Content-Type": content_type, "X-ClickHouse-Format": result.data_format}


def error_headers(error: EngineError) -> dict[str, str]:
    """The code, where clients look for it."""
    return {"X-ClickHouse-Exception-Code": str(error.code), "Content-Type": TEXT}


def error_trailer(error: EngineError, tag: str) -> bytes:
    """An error after output was sent: ClickHouse's own end of such a response."""
    message = str(error).encode()
    mark = tag.encode()
    length = len(message) + 1
    return b"\r\n__exception__\r\n%b\r\n%b\n%d %b\r\n__exception__\r\n" % (mark, message, length, mark)
