"""Whether the settings know every namespace that is stored."""

from collections.abc import Collection
from itertools import pairwise
from typing import Final

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.errors import store_errors
from pipeline.identity.policy import UnknownNamespaceError

_PLACES: Final = (
    ("identifier", "SELECT DISTINCT substringIndex(identifier, ':', 1) FROM mailbox_rows"),
    ("customer", "SELECT DISTINCT substringIndex(customer, ':', 1) FROM touchpoint_rows"),
)
_AFTER_COLON: Final = chr(ord(":") + 1)


def unknown_namespaces(client: Client, known: Collection[str]) -> list[str]:
    """The namespaces of stored mailboxes and customers that are not among the known ones, in order.

    The tables are sorted by identifier, so only what lies between the known namespaces is read: normally nothing.

    Raises:
        StoreUnavailableError: ClickHouse cannot be reached.
    """
    starts = sorted(f"{name}:" for name in known)  # with the colon: `email-hash:` sorts before `email:`
    bounds = ["", *(bound for start in starts for bound in (start, start[:-1] + _AFTER_COLON))]
    gaps = list(pairwise([*bounds, ""]))[::2]
    parameters = {f"bound{number}": bound for number, bound in enumerate(b for gap in gaps for b in gap)}
    found: set[str] = set()
    with store_errors():
        for column, names in _PLACES:
            between = " OR ".join(_within(column, 2 * number, gap[1]) for number, gap in enumerate(gaps))
            answer = client.query(f"{names} WHERE {between}", parameters=parameters)
            found.update(str(name) for (name,) in answer.result_rows)
    return sorted(found)


def require_namespaces(client: Client, known: Collection[str]) -> None:
    """Require that the settings know every namespace that is stored.

    Raises:
        UnknownNamespaceError: There are others.
        StoreUnavailableError: ClickHouse cannot be reached.
    """
    if unknown := unknown_namespaces(client, known):
        raise UnknownNamespaceError(unknown)


def _within(column: str, number: int, end: str) -> str:
    from_start = f"{column} >= {{bound{number}:String}}"
    return f"({from_start} AND {column} < {{bound{number + 1}:String}})" if end else f"({from_start})"
