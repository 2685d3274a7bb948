"""What the command line reads from the analysts' views."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from clickhouse_connect.driver.client import Client

from pipeline.adapters.clickhouse.errors import store_errors


class Belonging(NamedTuple):
    """A period for which an identifier belongs to a customer; None: open on that side."""

    customer: str
    valid_from: datetime | None
    valid_to: datetime | None
    shared: bool


class StepRow(NamedTuple):
    """One step of a journey."""

    time: datetime
    type: str
    touchpoint: str
    stage: str
    channel: str
    event_id: str


class JourneyRow(NamedTuple):
    """A journey with its steps in order."""

    journey_id: str
    customer: str
    started_at: datetime
    ended_at: datetime
    status: str
    outcome: str
    sessions: int
    channels: Sequence[str]
    order_value: float
    currency: str
    friction_score: int
    probe: bool
    steps: Sequence[StepRow]


class FrictionRow(NamedTuple):
    """A friction of a journey."""

    friction_id: str
    kind: str
    severity: int
    time: datetime
    journey_id: str
    owner: str
    channel: str
    evidence: Sequence[str]
    cause: Sequence[str]


def belongings(client: Client, identifier: str) -> list[Belonging]:
    """The customers of an identifier over time, earliest first; empty if it was never seen."""
    rows = _rows(
        client,
        "SELECT customer, valid_from, valid_to, shared FROM identities WHERE identifier = {identifier:String}"
        " ORDER BY valid_from NULLS FIRST",
        {"identifier": identifier},
    )
    return [Belonging._make(row) for row in rows]


def customers_touched(client: Client, identifier: str) -> list[str]:
    """The customers that hold an event with this identifier."""
    rows = _rows(
        client,
        "SELECT DISTINCT customer FROM touchpoints WHERE has(identifiers, {identifier:String}) ORDER BY customer",
        {"identifier": identifier},
    )
    return [str(row[0]) for row in rows]


def journeys_of(client: Client, customers: Sequence[str]) -> list[JourneyRow]:
    """The journeys of customers, earliest first."""
    rows = _rows(
        client,
        "SELECT journey_id, customer, started_at, ended_at, status, outcome, sessions, channels, order_value, currency,"
        " friction_score, probe,"
        " step_time, step_type, step_touchpoint, step_stage, step_channel, step_event_id"
        " FROM journeys WHERE customer IN {customers:Array(String)} ORDER BY started_at, journey_id",
        {"customers": list(customers)},
    )
    return [JourneyRow._make([*row[:12], _steps(row[12:])]) for row in rows]


def frictions_of(client: Client, customers: Sequence[str]) -> list[FrictionRow]:
    """The frictions of customers, earliest first."""
    rows = _rows(
        client,
        "SELECT friction_id, kind, severity, time, journey_id, owner, channel, evidence, cause"
        " FROM frictions WHERE customer IN {customers:Array(String)} ORDER BY time, kind, friction_id",
        {"customers": list(customers)},
    )
    return [FrictionRow._make(row) for row in rows]


def _steps(columns: Sequence[Sequence[Any]]) -> list[StepRow]:
    return [StepRow._make(step) for step in zip(*columns, strict=True)]


def _rows(client: Client, query: str, parameters: Mapping[str, object]) -> Sequence[Sequence[Any]]:
    with store_errors():
        return client.query(query, parameters=dict(parameters), tz_mode="aware").result_rows
