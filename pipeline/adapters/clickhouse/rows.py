"""The rows of the storage tables for the changes of a batch."""

from collections.abc import Iterator, Mapping
from typing import Final

from pipeline.adapters.clickhouse.counted import counted_block
from pipeline.adapters.clickhouse.tables import (
    FRICTIONS,
    JOURNEYS,
    MAILBOXES,
    WAKES,
    Block,
    block_of,
)
from pipeline.adapters.clickhouse.touchpoints import touchpoint_block
from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.journeys.journey import Journey
from pipeline.stitching.changes import Changes, CustomerChanges, DetectedFriction, MailboxRow, Wake
from pipeline.stitching.content import content_hash

Row = tuple[object, ...]

_JOURNEY_GONE: Final[Row] = (1, 0, 0, 0, 0, "", "", 0, 0, (), (), "", None, 0.0, "", 0, 0.0, (), (), "")
_FRICTION_GONE: Final[Row] = (1, 0, 0, "", 0, 0, "", "", "", "", (), (), 0)


def blocks(changes: Changes, versions: Mapping[int, int], catalogue: Mapping[str, Touchpoint]) -> list[Block]:
    """Everything that a batch writes: one block for each table that it touches, tombstones included."""
    customers = [(customer, versions[customer.partition]) for customer in changes.customers]
    made = (
        block_of(MAILBOXES, [_mailbox(row, versions[row.partition]) for row in changes.mailboxes]),
        touchpoint_block(changes.customers, versions, catalogue),
        block_of(JOURNEYS, [row for each in customers for row in _journeys(*each)]),
        block_of(FRICTIONS, [row for each in customers for row in _frictions(*each)]),
        block_of(WAKES, [_wake(wake, versions[wake.partition]) for wake in changes.wakes]),
        counted_block(changes.to_count),
    )
    return [block for block in made if block is not None]


def _mailbox(row: MailboxRow, version: int) -> Row:
    owners = row.owners
    return (
        row.identifier,
        version,
        0,
        row.partition,
        row.state,
        [period.since for period in owners],
        [period.owner for period in owners],
        [period.as_of for period in owners],
        row.shared,
    )


def _journeys(changes: CustomerChanges, version: int) -> Iterator[Row]:
    written = {journey.journey_id for journey in changes.journeys}
    for journey_id in changes.journeys_gone:
        if journey_id not in written:
            yield (changes.customer, journey_id, version, *_JOURNEY_GONE)
    for journey in changes.journeys:
        yield _journey(changes.customer, journey, version)


def _journey(customer: str, journey: Journey, version: int) -> Row:
    return (
        customer,
        journey.journey_id,
        version,
        0,
        content_hash(journey),
        journey.probe,
        journey.started_at,
        journey.ended_at,
        journey.status,
        journey.outcome,
        journey.events,
        journey.sessions,
        journey.channels,
        journey.sources,
        journey.furthest_stage,
        journey.seconds_to_buy,
        journey.order_value,
        journey.currency,
        journey.friction_score,
        journey.value_at_risk,
        [currency for currency, _ in journey.at_risk],
        [amount for _, amount in journey.at_risk],
        journey.last_touchpoint,
    )


def _frictions(changes: CustomerChanges, version: int) -> Iterator[Row]:
    written = {detected.friction.friction_id for detected in changes.frictions}
    for friction_id in changes.frictions_gone:
        if friction_id not in written:
            yield (changes.customer, friction_id, version, *_FRICTION_GONE)
    for detected in changes.frictions:
        yield _friction(changes.customer, detected, version)


def _friction(customer: str, detected: DetectedFriction, version: int) -> Row:
    friction = detected.friction
    return (
        customer,
        friction.friction_id,
        version,
        0,
        content_hash(friction),
        detected.detected_at,
        friction.kind,
        friction.severity,
        friction.time,
        friction.journey_id,
        friction.touchpoint,
        friction.owner,
        friction.channel,
        friction.evidence,
        friction.cause,
        friction.probe,
    )


def _wake(wake: Wake, version: int) -> Row:
    return (wake.partition, wake.at, wake.customer, version, wake.done)
