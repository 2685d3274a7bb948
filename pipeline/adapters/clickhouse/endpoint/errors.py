"""What the engine refuses, and the HTTP status a ClickHouse server would answer with."""

import re
from enum import IntEnum


class Code(IntEnum):
    """Error codes of ClickHouse (src/Common/ErrorCodes.cpp) that this server uses or maps to a status."""

    CANNOT_PARSE_TEXT = 6
    THERE_IS_NO_COLUMN = 8
    DUPLICATE_COLUMN = 15
    CANNOT_PARSE_ESCAPE_SEQUENCE = 25
    CANNOT_PARSE_QUOTED_STRING = 26
    CANNOT_PARSE_INPUT_ASSERTION_FAILED = 27
    BAD_ARGUMENTS = 36
    UNKNOWN_ELEMENT_IN_AST = 37
    CANNOT_PARSE_DATE = 38
    CANNOT_PARSE_DATETIME = 41
    ILLEGAL_COLUMN = 44
    UNKNOWN_FUNCTION = 46
    UNKNOWN_IDENTIFIER = 47
    NOT_IMPLEMENTED = 48
    UNKNOWN_TYPE = 50
    TYPE_MISMATCH = 53
    UNKNOWN_STORAGE = 56
    UNKNOWN_TABLE = 60
    SYNTAX_ERROR = 62
    UNKNOWN_AGGREGATE_FUNCTION = 63
    CANNOT_PARSE_NUMBER = 72
    UNKNOWN_FORMAT = 73
    CANNOT_OPEN_FILE = 76
    UNKNOWN_TYPE_OF_QUERY = 78
    UNKNOWN_DATABASE = 81
    UNKNOWN_SETTING = 115
    INCORRECT_DATA = 117
    UNKNOWN_TYPE_OF_AST_NODE = 123
    TIMEOUT_EXCEEDED = 159
    READONLY = 164
    TOO_DEEP_AST = 167
    TOO_BIG_AST = 168
    UNKNOWN_USER = 192
    WRONG_PASSWORD = 193
    REQUIRED_PASSWORD = 194
    TOO_MANY_SIMULTANEOUS_QUERIES = 202
    SOCKET_TIMEOUT = 209
    UNEXPECTED_AST_STRUCTURE = 223
    QUERY_IS_TOO_LARGE = 229
    CANNOT_DECOMPRESS = 271
    VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE = 321
    UNKNOWN_DATABASE_ENGINE = 336
    CANNOT_PARSE_UUID = 376
    CANNOT_COMPILE_REGEXP = 427
    CANNOT_SCHEDULE_TASK = 439
    CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING = 441
    ACCESS_DENIED = 497
    UNKNOWN_ROLE = 511
    SET_NON_GRANTED_ROLE = 512
    AUTHENTICATION_FAILED = 516
    CANNOT_PARSE_IPV4 = 675
    CANNOT_PARSE_IPV6 = 676
    UNKNOWN_EXCEPTION = 1002


_BAD_REQUEST = frozenset(
    {
        Code.BAD_ARGUMENTS,
        Code.CANNOT_COMPILE_REGEXP,
        Code.CANNOT_DECOMPRESS,
        Code.CANNOT_PARSE_DATE,
        Code.CANNOT_PARSE_DATETIME,
        Code.CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING,
        Code.CANNOT_PARSE_ESCAPE_SEQUENCE,
        Code.CANNOT_PARSE_INPUT_ASSERTION_FAILED,
        Code.CANNOT_PARSE_IPV4,
        Code.CANNOT_PARSE_IPV6,
        Code.CANNOT_PARSE_NUMBER,
        Code.CANNOT_PARSE_QUOTED_STRING,
        Code.CANNOT_PARSE_TEXT,
        Code.CANNOT_PARSE_UUID,
        Code.DUPLICATE_COLUMN,
        Code.ILLEGAL_COLUMN,
        Code.INCORRECT_DATA,
        Code.SYNTAX_ERROR,
        Code.THERE_IS_NO_COLUMN,
        Code.TOO_BIG_AST,
        Code.TOO_DEEP_AST,
        Code.TYPE_MISMATCH,
        Code.UNEXPECTED_AST_STRUCTURE,
        Code.UNKNOWN_ELEMENT_IN_AST,
        Code.UNKNOWN_TYPE_OF_AST_NODE,
        Code.VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE,
    }
)
_STATUS: dict[int, int] = {
    **dict.fromkeys((code for code in Code if code.name.startswith("UNKNOWN_")), 404),
    **dict.fromkeys(_BAD_REQUEST, 400),
    Code.REQUIRED_PASSWORD: 401,
    Code.UNKNOWN_USER: 403,
    Code.WRONG_PASSWORD: 403,
    Code.AUTHENTICATION_FAILED: 403,
    Code.SET_NON_GRANTED_ROLE: 403,
    Code.ACCESS_DENIED: 403,
    Code.TIMEOUT_EXCEEDED: 408,
    Code.QUERY_IS_TOO_LARGE: 413,
    Code.NOT_IMPLEMENTED: 501,
    Code.SOCKET_TIMEOUT: 503,
    Code.CANNOT_OPEN_FILE: 503,
    Code.CANNOT_SCHEDULE_TASK: 503,
    Code.TOO_MANY_SIMULTANEOUS_QUERIES: 503,
    Code.UNKNOWN_EXCEPTION: 500,
}
_CODE = re.compile(r"Code: (\d+)")


class EngineError(Exception):
    """A statement the engine, or this server on its behalf, refuses; the message is meant for the client."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @classmethod
    def of(cls, code: Code, text: str) -> "EngineError":
        """An error of this server in the engine's format."""
        return cls(code, f"Code: {code:d}. DB::Exception: {text}. ({code.name})")

    @classmethod
    def from_engine(cls, text: str) -> "EngineError":
        """The engine's error, without what its bindings wrote before it."""
        match = _CODE.search(text)
        if match is None:
            return cls.of(Code.UNKNOWN_EXCEPTION, text)
        return cls(int(match.group(1)), text[match.start() :].strip())

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code (src/Server/HTTP/exceptionCodeToHTTPStatus.cpp of ClickHouse).

        Two more than there: 400 for a body that cannot be decompressed, 503 for too many queries.
        """
        return _STATUS.get(self.code, 500)
