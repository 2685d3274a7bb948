"""Load mailboxes with one statement for everything that is stored about them.

A statement costs the server several milliseconds, and the client two, however little it reads.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.chunks import as_parameter
from pipeline.adapters.clickhouse.client import ONE_THREAD
from pipeline.adapters.clickhouse.errors import store_errors
from pipeline.adapters.clickhouse.kept import unpack
from pipeline.stitching.store import StoredFriction, StoredMailbox

Found = dict[str, StoredMailbox]

_BYTES: Final = {"body": "bytes", "kept": "bytes"}

_NAMES: Final = "WITH JSONExtract($names$, 'Array(String)') AS names"
_MAILBOX, _TOUCHPOINT, _JOURNEY, _FRICTION = range(4)
# PREWHERE, so that the wide columns are read for the wanted rows only. The engine does not do this by itself under
# FINAL; it is correct here because all versions of a row have the same key.
_PARTS: Final = (
    """
SELECT 0 AS part, identifier AS name, '' AS id, state AS body, '' AS label, '' AS kept,
    toUInt64(0) AS content, toInt64(0) AS moment
FROM mailbox_rows FINAL PREWHERE identifier IN names
""",
    """
SELECT 1 AS part, customer AS name, event_id AS id, data AS body, journey_id AS label, kept,
    toUInt64(0) AS content, toInt64(0) AS moment
FROM touchpoint_rows FINAL PREWHERE customer IN names
""",
    """
SELECT 2 AS part, customer AS name, journey_id AS id, '' AS body, toString(status) AS label, '' AS kept,
    content, toInt64(0) AS moment
FROM journey_rows FINAL PREWHERE customer IN names
""",
    """
SELECT 3 AS part, customer AS name, friction_id AS id, '' AS body, toString(kind) AS label, '' AS kept,
    content, toUnixTimestamp64Milli(detected_at) AS moment
FROM friction_rows FINAL PREWHERE customer IN names
""",
)

QUERIES: Final = tuple(_NAMES + part for part in _PARTS)
"""The parts of a load, by table. All of them read only the granules of their keys."""
LOAD: Final = _NAMES + "UNION ALL".join(_PARTS)
_SETTINGS: Final = {**ONE_THREAD, "merge_tree_coarse_index_granularity": 2}
"""The primary index is searched by halves, not by eighths, as each key lies in a granule of its own: among five million
touchpoints that saves a twelfth of a load of ten mailboxes, a twentieth of one of a thousand."""


def load(client: Client, keys: Sequence[str]) -> Found:
    """Everything that the store has on these mailboxes."""
    return _loaded(client, LOAD, keys, _SETTINGS)


def load_mailboxes(client: Client, keys: Sequence[str]) -> Found:
    """The state of each mailbox, without what it holds. The client's user need not be allowed to change settings."""
    return _loaded(client, QUERIES[_MAILBOX], keys, {})


def _loaded(client: Client, query: str, keys: Sequence[str], settings: Mapping[str, int]) -> Found:
    asked = as_parameter(keys)
    with store_errors():
        return _found(client.query(query, asked, settings=dict(settings), column_formats=dict(_BYTES)).result_rows)


def _found(rows: Iterable[Sequence[Any]]) -> Found:
    found: Found = {}
    for part, name, key, body, label, kept, content, moment in rows:
        mailbox = found.get(name)
        if mailbox is None:
            mailbox = found[name] = StoredMailbox()
        if part == _TOUCHPOINT:
            mailbox.touches.append(unpack(kept, key, body, label))
        elif part == _JOURNEY:
            mailbox.journeys[key] = content
            if label == "closed":
                mailbox.closed.add(key)
        elif part == _FRICTION:
            mailbox.frictions[key] = StoredFriction(content, moment, label)
        else:
            mailbox.state = body
    return found
