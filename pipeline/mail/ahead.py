"""Mail that its sender has already delivered, as the partition was its own: a header says in which tenure.

The record is there for whoever owns the partition later. In that same tenure it is to be passed over.
"""

from collections.abc import Iterable
from typing import Final

HEADER: Final = "touchline-ahead"
"""A header, so that workers of earlier versions read such a record like any other."""
_DIGITS: Final = 16


def ahead_header(tenure: int) -> tuple[str, bytes]:
    """The header of mail that was delivered ahead.

    Args:
        tenure: An unsigned 64-bit number that a worker draws whenever it takes the partition over.
    """
    return HEADER, b"%016x" % tenure


def read_tenure(headers: Iterable[tuple[str, bytes | None]]) -> int | None:
    """The tenure in a record's headers; None if there is none, or it cannot be read."""
    for name, value in headers:
        if name == HEADER and value is not None and len(value) == _DIGITS:
            try:
                return int.from_bytes(bytes.fromhex(value.decode()), "big")
            except ValueError:
                return None
    return None
