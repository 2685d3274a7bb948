"""The columns that the adapters write, table by table.

LowCardinality columns are sent as plain strings: converting them costs the server less than reading dictionaries.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

_TIME: Final = "DateTime64(3, 'UTC')"
_VERSIONED: Final = {"row_version": "UInt64", "is_deleted": "UInt8"}


class Table(NamedTuple):
    """A storage table, and the columns of its rows in the order in which the adapters give them."""

    name: str
    columns: dict[str, str]
    """ClickHouse type by name. Times are written as integers: milliseconds since the epoch."""


class Block(NamedTuple):
    """Rows for one table, column by column."""

    table: Table
    columns: Sequence[Sequence[object]]


def block_of(table: Table, rows: Sequence[tuple[object, ...]]) -> Block | None:
    """Turn rows into columns; None if there are no rows."""
    return Block(table, list(zip(*rows, strict=True))) if rows else None


TOUCHPOINTS: Final = Table(
    "touchpoint_rows",
    {
        "customer": "String",
        "event_key": "FixedString(16)",
        **_VERSIONED,
        "event_id": "String",
        "event_source": "String",
        "type": "String",
        "time": _TIME,
        "received_at": _TIME,
        "identifiers": "Array(String)",
        "channel": "String",
        "probe": "UInt8",
        "data": "String",
        "kept": "String",
        "journey_id": "String",
        "touchpoint": "String",
        "stage": "String",
        "moment": "String",
        "owner": "String",
    },
)
MAILBOXES: Final = Table(
    "mailbox_rows",
    {
        "identifier": "String",
        **_VERSIONED,
        "partition": "UInt32",
        "state": "String",
        "owner_since": "Array(Nullable(Int64))",
        "owner": "Array(String)",
        "owner_as_of": "Array(Nullable(Int64))",
        "shared": "UInt8",
    },
)
JOURNEYS: Final = Table(
    "journey_rows",
    {
        "customer": "String",
        "journey_id": "String",
        **_VERSIONED,
        "content": "UInt64",
        "probe": "UInt8",
        "started_at": _TIME,
        "ended_at": _TIME,
        "status": "String",
        "outcome": "String",
        "events": "UInt32",
        "sessions": "UInt32",
        "channels": "Array(String)",
        "sources": "Array(String)",
        "furthest_stage": "String",
        "seconds_to_buy": "Nullable(Float64)",
        "order_value": "Float64",
        "currency": "String",
        "friction_score": "UInt32",
        "value_at_risk": "Float64",
        "at_risk_currency": "Array(String)",
        "at_risk_amount": "Array(Float64)",
        "last_touchpoint": "String",
    },
)
FRICTIONS: Final = Table(
    "friction_rows",
    {
        "customer": "String",
        "friction_id": "String",
        **_VERSIONED,
        "content": "UInt64",
        "detected_at": _TIME,
        "kind": "String",
        "severity": "UInt8",
        "time": _TIME,
        "journey_id": "String",
        "touchpoint": "String",
        "owner": "String",
        "channel": "String",
        "evidence": "Array(String)",
        "cause": "Array(String)",
        "probe": "UInt8",
    },
)
WAKES: Final = Table("wake_rows", {"partition": "UInt32", "at": _TIME, "customer": "String", **_VERSIONED})
CLAIMS: Final = Table("claim_rows", {"partition": "UInt32", "epoch": "UInt64", "token": "UUID"})
COUNTED: Final = Table("counted_rows", {"name": "UUID", "claim": "UInt64"})
DEAD_LETTERS: Final = Table(
    "dead_letter_rows",
    {
        "topic": "String",
        "partition": "Int32",
        "offset": "Int64",
        "index": "UInt32",
        "received_at": _TIME,
        "reason": "String",
        "detail": "String",
        "type": "String",
        "payload": "String",
        "replays": "UInt32",
    },
)
REPLAYS: Final = Table(
    "replay_rows",
    {
        "topic": "String",
        "partition": "Int32",
        "offset": "Int64",
        "index": "UInt32",
        "received_at": _TIME,
        "attempt": "UInt32",
        "replayed_at": _TIME,
    },
)
WORKED_WITH: Final = (TOUCHPOINTS, MAILBOXES, JOURNEYS, FRICTIONS, WAKES, CLAIMS, COUNTED, DEAD_LETTERS)
"""The tables that a worker writes and queries."""
