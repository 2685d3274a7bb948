"""The one place that classifies the ClickHouse client's exceptions as outages or refusals."""

import contextlib
import re
import traceback
from collections.abc import Iterator
from typing import Final

from clickhouse_connect.driver.exceptions import (
    ClickHouseError,
    DataError,
    Error,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
)
from clickhouse_connect.driver.transform import NativeTransform

from pipeline.stitching.store import StoreRejectedError, StoreUnavailableError

BAD_ROW_CODES: Final = frozenset(
    {
        6,  # CANNOT_PARSE_TEXT
        19,  # SIZE_OF_FIXED_STRING_DOESNT_MATCH
        25,  # CANNOT_PARSE_ESCAPE_SEQUENCE
        26,  # CANNOT_PARSE_QUOTED_STRING
        27,  # CANNOT_PARSE_INPUT_ASSERTION_FAILED
        36,  # BAD_ARGUMENTS
        38,  # CANNOT_PARSE_DATE
        41,  # CANNOT_PARSE_DATETIME
        69,  # ARGUMENT_OUT_OF_BOUND
        70,  # CANNOT_CONVERT_TYPE
        72,  # CANNOT_PARSE_NUMBER
        117,  # INCORRECT_DATA
        128,  # TOO_LARGE_ARRAY_SIZE
        130,  # CANNOT_READ_ARRAY_FROM_TEXT
        131,  # TOO_LARGE_STRING_SIZE
        153,  # ILLEGAL_DIVISION
        190,  # SIZES_OF_ARRAYS_DOESNT_MATCH
        248,  # INVALID_PARTITION_VALUE
        321,  # VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
        346,  # CANNOT_CONVERT_CHARSET
        349,  # CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
        376,  # CANNOT_PARSE_UUID
        395,  # FUNCTION_THROW_IF_VALUE_IS_NON_ZERO
        407,  # DECIMAL_OVERFLOW
        427,  # CANNOT_COMPILE_REGEXP
        441,  # CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING
        467,  # CANNOT_PARSE_BOOL
        469,  # VIOLATED_CONSTRAINT
        490,  # CANNOT_FORMAT_DATETIME
        563,  # CANNOT_READ_MAP_FROM_TEXT
        621,  # CANNOT_NORMALIZE_STRING
        632,  # UNEXPECTED_DATA_AFTER_PARSED_VALUE
        645,  # NUMBER_OF_DIMENSIONS_MISMATCHED
        675,  # CANNOT_PARSE_IPV4
        676,  # CANNOT_PARSE_IPV6
        691,  # UNKNOWN_ELEMENT_OF_ENUM
        760,  # UNICODE_ERROR
    }
)
"""Errors of ClickHouse (src/Common/ErrorCodes.cpp) caused by a row's content: a constraint, a column of another type, a
view's function that cannot handle a value. The same row would fail again, the others would not."""
STATEMENT_CODES: Final = frozenset(
    {
        16,  # NO_SUCH_COLUMN_IN_TABLE
        20,  # NUMBER_OF_COLUMNS_DOESNT_MATCH
        33,  # CANNOT_READ_ALL_DATA
        34,  # TOO_MANY_ARGUMENTS_FOR_FUNCTION
        35,  # TOO_FEW_ARGUMENTS_FOR_FUNCTION
        43,  # ILLEGAL_TYPE_OF_ARGUMENT
        44,  # ILLEGAL_COLUMN
        46,  # UNKNOWN_FUNCTION
        47,  # UNKNOWN_IDENTIFIER
        48,  # NOT_IMPLEMENTED
        50,  # UNKNOWN_TYPE
        53,  # TYPE_MISMATCH
        60,  # UNKNOWN_TABLE
        62,  # SYNTAX_ERROR
        73,  # UNKNOWN_FORMAT
        81,  # UNKNOWN_DATABASE
        115,  # UNKNOWN_SETTING
        396,  # TOO_MANY_ROWS_OR_BYTES
        497,  # ACCESS_DENIED
    }
)
"""Errors about the statement, the table or the user's rights: the same statement would fail again."""
TOO_LARGE_CODES: Final = frozenset(
    {
        173,  # CANNOT_ALLOCATE_MEMORY
        241,  # MEMORY_LIMIT_EXCEEDED
        777,  # MEMORY_RESERVATION_KILLED
        778,  # MEMORY_RESERVATION_FAILED
        1020,  # MEMORY_RESERVATION_ACQUISITION_TIMEOUT
    }
)
"""Outages that a smaller block may avoid."""

# Every other error counts as an outage: a retry in vain only costs time, but giving up rows that could be written loses
# them. So these are retried, too: 164 READONLY (a user or a server set to read only), 242 TABLE_IS_READ_ONLY (a
# replica without its Keeper; `table_readonly`), 774 TABLE_IS_PERMANENTLY_READ_ONLY (an operator must act, and then it
# goes on), 225 NO_ZOOKEEPER, 285 TOO_FEW_LIVE_REPLICAS, 286 UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE, 319
# UNKNOWN_STATUS_OF_INSERT, 243 NOT_ENOUGH_SPACE, 252 TOO_MANY_PARTS, 201 QUOTA_EXPIRED, 202
# TOO_MANY_SIMULTANEOUS_QUERIES, 516 AUTHENTICATION_FAILED (a password that is being changed), 745 SERVER_OVERLOADED.


_REFUSALS: Final = (InterfaceError, NotSupportedError, ProgrammingError)
"""Errors of the client itself: a statement that it does not send, or a column type that it cannot read."""
_DECOMPRESSION: Final = re.compile(r"^LZ4F_\w+ failed|^Unable to decompress Zstandard data")
"""Messages of decompressors about damaged data; one raises RuntimeError, so the type alone does not tell."""
_DECODING: Final = f"{NativeTransform.parse_response.__qualname__}.<locals>.get_block"
"""The client's function that decodes an answer; none of our code runs in it. It does not check what it decodes: bytes
that were damaged on the way may cause an IndexError, a TypeError, a MemoryError or any other error."""

_REQUEST: Final = re.compile(r" with url: \S+")
"""The URL before the reason why a server could not be reached: 300 characters of a statement's settings."""


class BadRowError(StoreRejectedError):
    """At least one of the rows cannot be stored; without it, the others may be."""


class TooLargeError(StoreUnavailableError):
    """The server lacks the memory for so much at once; less may succeed."""


class DamagedAnswerError(StoreUnavailableError):
    """The answer cannot be decompressed or decoded: something on the way has changed it."""


@contextlib.contextmanager
def store_errors() -> Iterator[None]:
    """Turn the ClickHouse client's exceptions inside into `StoreUnavailableError` or `StoreRejectedError`."""
    try:
        yield
    except (StoreUnavailableError, StoreRejectedError):
        raise
    except (ClickHouseError, OSError) as error:
        raise _classified(error) from error
    except Exception as error:
        if isinstance(error, UnicodeDecodeError) or _DECOMPRESSION.match(str(error)) or _while_decoding(error):
            raise DamagedAnswerError(f"{type(error).__name__}: {error}") from error
        raise


def _while_decoding(error: Exception) -> bool:
    return any(frame.f_code.co_qualname == _DECODING for frame, _ in traceback.walk_tb(error.__traceback__))


def _classified(error: Exception) -> Exception:
    code = error.code if isinstance(error, Error) else None
    if code in BAD_ROW_CODES or (code is None and isinstance(error, DataError)):
        return BadRowError(str(error))
    if code in STATEMENT_CODES or (code is None and isinstance(error, _REFUSALS)):
        return StoreRejectedError(str(error))
    if code in TOO_LARGE_CODES:
        return TooLargeError(str(error))
    return StoreUnavailableError(_REQUEST.sub("", str(error)))
