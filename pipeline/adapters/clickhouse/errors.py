"""One place where what the client raises becomes an outage or a refusal."""

import contextlib
from collections.abc import Iterator

from clickhouse_connect.driver.exceptions import ClickHouseError, DataError, Error, InterfaceError, ProgrammingError

from pipeline.stitching.store import StoreRejectedError, StoreUnavailableError

REJECTED_CODES = frozenset(
    {
        6,  # CANNOT_PARSE_TEXT
        16,  # NO_SUCH_COLUMN_IN_TABLE
        20,  # NUMBER_OF_COLUMNS_DOESNT_MATCH
        26,  # CANNOT_PARSE_QUOTED_STRING
        27,  # CANNOT_PARSE_INPUT_ASSERTION_FAILED
        33,  # CANNOT_READ_ALL_DATA
        34,  # TOO_MANY_ARGUMENTS_FOR_FUNCTION
        35,  # TOO_FEW_ARGUMENTS_FOR_FUNCTION
        36,  # BAD_ARGUMENTS
        38,  # CANNOT_PARSE_DATE
        41,  # CANNOT_PARSE_DATETIME
        43,  # ILLEGAL_TYPE_OF_ARGUMENT
        44,  # ILLEGAL_COLUMN
        46,  # UNKNOWN_FUNCTION
        47,  # UNKNOWN_IDENTIFIER
        48,  # NOT_IMPLEMENTED
        50,  # UNKNOWN_TYPE
        53,  # TYPE_MISMATCH
        60,  # UNKNOWN_TABLE
        62,  # SYNTAX_ERROR
        69,  # ARGUMENT_OUT_OF_BOUND
        70,  # CANNOT_CONVERT_TYPE
        72,  # CANNOT_PARSE_NUMBER
        73,  # UNKNOWN_FORMAT
        81,  # UNKNOWN_DATABASE
        115,  # UNKNOWN_SETTING
        117,  # INCORRECT_DATA
        131,  # TOO_LARGE_STRING_SIZE
        321,  # VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
        349,  # CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
        376,  # CANNOT_PARSE_UUID
        395,  # FUNCTION_THROW_IF_VALUE_IS_NON_ZERO
        396,  # TOO_MANY_ROWS_OR_BYTES
        467,  # CANNOT_PARSE_BOOL
        469,  # VIOLATED_CONSTRAINT
        497,  # ACCESS_DENIED
        675,  # CANNOT_PARSE_IPV4
    }
)
"""Errors of ClickHouse (src/Common/ErrorCodes.cpp) that the same rows or statement would meet again.

Every other error counts as an outage: to try again in vain costs time, to give up rows that could be written loses
them.
"""


BAD_ROW_CODES = frozenset({6, 26, 27, 36, 38, 41, 69, 70, 72, 117, 131, 321, 349, 376, 395, 467, 469, 675})
"""Those of them that are about what is in a row, and not about the statement."""


class BadRowError(StoreRejectedError):
    """At least one of the rows cannot be stored; without it, the others may be."""


@contextlib.contextmanager
def store_errors() -> Iterator[None]:
    """Turn what the ClickHouse client raises inside into `StoreUnavailableError` or `StoreRejectedError`."""
    try:
        yield
    except (StoreUnavailableError, StoreRejectedError):
        raise
    except (ClickHouseError, OSError) as error:
        raise _classified(error) from error


def _classified(error: Exception) -> Exception:
    code = error.code if isinstance(error, Error) else None
    if code in BAD_ROW_CODES or (code is None and isinstance(error, DataError)):
        return BadRowError(str(error))
    if code in REJECTED_CODES or (code is None and isinstance(error, (ProgrammingError, InterfaceError))):
        return StoreRejectedError(str(error))
    return StoreUnavailableError(str(error))
