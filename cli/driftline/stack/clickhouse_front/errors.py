"""ClickHouse's errors: a code, a message, and the HTTP status that the server gives them."""

import re

UNKNOWN = 1002
BAD_REQUEST, FORBIDDEN, NOT_FOUND, SERVER_ERROR, NOT_IMPLEMENTED, UNAVAILABLE = 400, 403, 404, 500, 501, 503

NOT_SUPPORTED = 48
UNKNOWN_SETTING = 115
SESSION_NOT_FOUND = 372
SESSION_IS_LOCKED = 373
AUTHENTICATION_FAILED = 516
TOO_MANY_QUERIES = 202
CANNOT_DECOMPRESS = 271

STATUS = {
    6: BAD_REQUEST,  # CANNOT_PARSE_TEXT
    26: BAD_REQUEST,  # CANNOT_PARSE_QUOTED_STRING
    27: BAD_REQUEST,  # CANNOT_PARSE_INPUT_ASSERTION_FAILED
    36: BAD_REQUEST,  # BAD_ARGUMENTS
    43: BAD_REQUEST,  # ILLEGAL_TYPE_OF_ARGUMENT
    53: BAD_REQUEST,  # TYPE_MISMATCH
    62: BAD_REQUEST,  # SYNTAX_ERROR
    72: BAD_REQUEST,  # CANNOT_PARSE_NUMBER
    16: NOT_FOUND,  # NO_SUCH_COLUMN_IN_TABLE
    46: NOT_FOUND,  # UNKNOWN_FUNCTION
    47: NOT_FOUND,  # UNKNOWN_IDENTIFIER
    60: NOT_FOUND,  # UNKNOWN_TABLE
    81: NOT_FOUND,  # UNKNOWN_DATABASE
    UNKNOWN_SETTING: NOT_FOUND,
    SESSION_NOT_FOUND: NOT_FOUND,
    SESSION_IS_LOCKED: FORBIDDEN,
    AUTHENTICATION_FAILED: FORBIDDEN,
    NOT_SUPPORTED: NOT_IMPLEMENTED,
    TOO_MANY_QUERIES: UNAVAILABLE,
}


class EngineError(Exception):
    """What ClickHouse would say.

    >>> error = EngineError("Code: 60. DB::Exception: Table nope does not exist. (UNKNOWN_TABLE)")
    >>> error.code, error.status
    (60, 404)
    >>> str(EngineError("no external data", NOT_SUPPORTED))
    'Code: 48. DB::Exception: no external data'
    """

    def __init__(self, message: str, code: int | None = None):
        found = re.search(r"Code: (\d+)\.", message)
        self.code = code or (int(found[1]) if found else UNKNOWN)
        start = message.find("Code: ")
        super().__init__(message[start:] if start >= 0 else f"Code: {self.code}. DB::Exception: {message}")

    @property
    def status(self) -> int:
        """The HTTP status of the response."""
        return STATUS.get(self.code, SERVER_ERROR)
