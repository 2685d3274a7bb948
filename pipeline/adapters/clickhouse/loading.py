"""Read mailboxes back: one query per table for all of them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.chunks import as_parameter
from pipeline.adapters.clickhouse.errors import store_errors
from pipeline.adapters.clickhouse.kept import unpack
from pipeline.adapters.clickhouse.tables import FRICTIONS, JOURNEYS, MAILBOXES, TOUCHPOINTS, Table
from pipeline.stitching.store import StoredFriction, StoredMailbox

Found = dict[str, StoredMailbox]

_BYTES: Final = {"state": "bytes", "data": "bytes", "kept": "bytes"}

# PREWHERE, so that the wide columns are read for the wanted rows only. All versions of a row have the same key,
# therefore it is right under FINAL, for which the engine would not do it by itself.
_MAILBOXES: Final = """
SELECT identifier, state
FROM mailbox_rows FINAL PREWHERE identifier IN JSONExtract($names$, 'Array(String)')
"""
_TOUCHPOINTS: Final = """
SELECT customer, event_id, data, journey_id, kept
FROM touchpoint_rows FINAL PREWHERE customer IN JSONExtract($names$, 'Array(String)')
"""
_JOURNEYS: Final = """
SELECT customer, journey_id, content, status
FROM journey_rows FINAL PREWHERE customer IN JSONExtract($names$, 'Array(String)')
"""
_FRICTIONS: Final = """
SELECT customer, friction_id, content, toUnixTimestamp64Milli(detected_at), kind
FROM friction_rows FINAL PREWHERE customer IN JSONExtract($names$, 'Array(String)')
"""

QUERIES: Final = (_MAILBOXES, _TOUCHPOINTS, _JOURNEYS, _FRICTIONS)
"""All of them read only the granules of their keys."""


def load_mailboxes(client: Client, keys: Sequence[str]) -> Found:
    """State of each mailbox."""
    return {identifier: StoredMailbox(state=state) for identifier, state in _rows(client, _MAILBOXES, keys)}


def load_touchpoints(client: Client, keys: Sequence[str]) -> Found:
    """What each customer holds."""
    found: Found = {}
    for customer, event_id, data, journey_id, kept in _rows(client, _TOUCHPOINTS, keys):
        _at(found, customer).touches.append(unpack(kept, event_id, data, journey_id))
    return found


def load_journeys(client: Client, keys: Sequence[str]) -> Found:
    """Content hashes of each customer's journeys, and which are closed."""
    found: Found = {}
    for customer, journey_id, content, status in _rows(client, _JOURNEYS, keys):
        mailbox = _at(found, customer)
        mailbox.journeys[journey_id] = content
        if status == "closed":
            mailbox.closed.add(journey_id)
    return found


def load_frictions(client: Client, keys: Sequence[str]) -> Found:
    """What is known of each customer's frictions."""
    found: Found = {}
    for customer, friction_id, content, detected_at, kind in _rows(client, _FRICTIONS, keys):
        _at(found, customer).frictions[friction_id] = StoredFriction(content, detected_at, kind)
    return found


LOADERS: Final[tuple[tuple[Table, Callable[[Client, Sequence[str]], Found]], ...]] = (
    (MAILBOXES, load_mailboxes),
    (TOUCHPOINTS, load_touchpoints),
    (JOURNEYS, load_journeys),
    (FRICTIONS, load_frictions),
)
"""The queries of a load, by the table that each asks. They are independent: each may run in a thread of its own."""


def merge(parts: Iterable[Found]) -> Found:
    """Put the parts of mailboxes together."""
    whole: Found = {}
    for part in parts:
        for identifier, found in part.items():
            mailbox = whole.setdefault(identifier, found)
            if mailbox is not found:
                mailbox.state = mailbox.state or found.state
                mailbox.touches += found.touches
                mailbox.journeys |= found.journeys
                mailbox.closed |= found.closed
                mailbox.frictions |= found.frictions
    return whole


def _rows(client: Client, query: str, keys: Sequence[str]) -> Sequence[Sequence[Any]]:
    with store_errors():
        return client.query(query, parameters=as_parameter(keys), column_formats=dict(_BYTES)).result_rows


def _at(found: Found, identifier: str) -> StoredMailbox:
    mailbox = found.get(identifier)
    if mailbox is None:
        mailbox = found[identifier] = StoredMailbox()
    return mailbox
