"""Take rows that the store refuses for their content out of a batch, so that the rest can be saved."""

from datetime import UTC, datetime

import msgspec

from pipeline.catalogue.topics import raw_topic_of
from pipeline.events.dead_letter import NO_POSITION, DeadLetter, Reason
from pipeline.events.event import Event
from pipeline.stitching.batch import Batch
from pipeline.stitching.changes import CustomerChanges, Wake
from pipeline.stitching.store import RefusedRow, RowKind, RowsRefusedError


def take_out(batch: Batch, error: RowsRefusedError) -> set[str]:
    """Take refused rows out of a batch and add what was lost with them to its dead letters.

    With a refused touchpoint, all journeys and frictions of its customer are taken out of the batch, as they count it:
    the customer is to be folded again, from what the store has.

    Returns:
        The customers to drop from memory, where they differ from what the store has.

    Raises:
        RowsRefusedError: None of the rows is in the batch, so saving it again would end the same.
    """
    by_customer = {changes.customer: changes for changes in batch.changes.customers}
    found = [row for row in error.rows if row.customer in by_customer and _take(batch, by_customer[row.customer], row)]
    if not found:
        raise error
    for row in found:
        if row.kind is RowKind.TOUCHPOINT:
            _fold_again(batch, by_customer[row.customer])
    return {row.customer for row in found}


def _take(batch: Batch, changes: CustomerChanges, row: RefusedRow) -> bool:
    """Take one row out; False if it is not there."""
    if row.kind is RowKind.TOUCHPOINT:
        touch = changes.touches.pop(row.key, None)
        if touch is not None:
            batch.refused.append(_event_letter(touch.event, row))
        return touch is not None  # a refused tombstone stays in: without it the event would be at two customers
    name = row.key.decode()
    before = len(changes.journeys) + len(changes.journeys_gone) + len(changes.frictions) + len(changes.frictions_gone)
    if row.kind is RowKind.JOURNEY:
        changes.journeys = [journey for journey in changes.journeys if journey.journey_id != name]
        changes.journeys_gone = [journey_id for journey_id in changes.journeys_gone if journey_id != name]
    else:
        changes.frictions = [each for each in changes.frictions if each.friction.friction_id != name]
        changes.frictions_gone = [friction_id for friction_id in changes.frictions_gone if friction_id != name]
    after = len(changes.journeys) + len(changes.journeys_gone) + len(changes.frictions) + len(changes.frictions_gone)
    if after < before:
        batch.refused.append(_derived_letter(row, batch.now))
    return after < before


def _fold_again(batch: Batch, changes: CustomerChanges) -> None:
    changes.journeys, changes.journeys_gone = [], []
    changes.frictions, changes.frictions_gone = [], []
    wakes = [wake for wake in batch.changes.wakes if wake.customer == changes.customer]
    wake = Wake(changes.customer, changes.partition, batch.now, done=False)
    if wake not in wakes and not any(each.done for each in wakes):  # a wake that asks for another would repeat for ever
        batch.changes.wakes.append(wake)


def _event_letter(event: Event, row: RefusedRow) -> DeadLetter:
    """The event as it was to be stored, pseudonymised: the original is not known any more."""
    sent = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "time": datetime.fromtimestamp(event.time / 1000, UTC).isoformat(timespec="milliseconds"),
        "data": msgspec.Raw(event.data),
    }
    topic = raw_topic_of(event.type)
    return _letter(topic, event.key, event.received_at, row.detail, event.type, msgspec.json.encode(sent))


def _derived_letter(row: RefusedRow, now: int) -> DeadLetter:
    """A journey or friction: there is nothing to replay, but somebody should know."""
    content = msgspec.json.encode({"customer": row.customer, row.kind.value: row.key.decode()})
    return _letter(row.kind.value, row.key, now, row.detail, "", content)


def _letter(topic: str, key: bytes, received_at: int, detail: str, event_type: str, payload: bytes) -> DeadLetter:
    return DeadLetter(
        topic=topic,
        partition=NO_POSITION,
        offset=int.from_bytes(key[:8].ljust(8, b"\0"), "big") >> 1,
        index=0,
        received_at=received_at,
        reason=Reason.REFUSED_BY_STORE,
        detail=detail,
        type=event_type,
        payload=payload,
    )
