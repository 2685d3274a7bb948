"""What the engine refuses, and the HTTP status a ClickHouse server would answer with."""

import re

SYNTAX_ERROR = 62
BAD_ARGUMENTS = 36
UNKNOWN_SETTING = 115
READONLY = 164
QUERY_IS_TOO_LARGE = 289
CANNOT_DECOMPRESS = 271
AUTHENTICATION_FAILED = 516
ACCESS_DENIED = 497
NOT_IMPLEMENTED = 48
TOO_MANY_SIMULTANEOUS_QUERIES = 202
UNKNOWN_EXCEPTION = 1002

_NOT_FOUND = {46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 336}
_FORBIDDEN = {READONLY, 192, 193, ACCESS_DENIED, AUTHENTICATION_FAILED}
_BAD_REQUEST = {
    6, 8, 16, 20, 26, 27, 33, 34, 35, 36, 38, 39, 40, 41, 42, 43, 44, 45, 48, 53, 62, 69, 70, 72, 117, 130, 131,
    158, 179, 184, 207, 215, 253, 271, 349, 377, 386, 395, 456, 457, 469,
}  # fmt: skip

_CODE = re.compile(r"Code: (\d+)")


class EngineError(Exception):
    """A statement the engine, or this server on its behalf, refuses; the message is meant for the client."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @classmethod
    def of(cls, code: int, name: str, text: str) -> "EngineError":
        """An error of this server in the engine's own form of words."""
        return cls(code, f"Code: {code}. DB::Exception: {text} ({name})")

    @classmethod
    def from_engine(cls, text: str) -> "EngineError":
        """The engine's error, without what its bindings wrote before it."""
        match = _CODE.search(text)
        if match is None:
            return cls(UNKNOWN_EXCEPTION, f"Code: {UNKNOWN_EXCEPTION}. DB::Exception: {text} (UNKNOWN_EXCEPTION)")
        return cls(int(match.group(1)), text[match.start() :].strip())

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code, as ClickHouse's HTTPHandler maps it."""
        if self.code in _FORBIDDEN:
            return 403
        if self.code in _NOT_FOUND:
            return 404
        if self.code in _BAD_REQUEST:
            return 400
        return {QUERY_IS_TOO_LARGE: 413, TOO_MANY_SIMULTANEOUS_QUERIES: 503, 159: 408, 439: 503}.get(self.code, 500)
