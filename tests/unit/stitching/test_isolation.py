"""What becomes of rows that the store refuses."""

import msgspec
import pytest

from pipeline.events.dead_letter import NO_POSITION, DeadLetter, Reason
from pipeline.events.event import Event
from pipeline.stitching.batch import Batch
from pipeline.stitching.changes import Changes, CustomerChanges, StoredTouch, Wake
from pipeline.stitching.isolation import take_out
from pipeline.stitching.store import RefusedRow, RowKind, RowsRefusedError
from tests.unit.stitching.test_stitcher import HOUR, NOON, event

CUSTOMER = "customer_id:1"


def batch_of(*events: Event) -> Batch:
    touches = {one.key: StoredTouch(one, one.time, (), "journey") for one in events}
    return Batch(changes=Changes(customers=[CustomerChanges(CUSTOMER, 0, touches=touches)]), now=NOON)


def refusal(one: Event, customer: str = CUSTOMER) -> RowsRefusedError:
    return RowsRefusedError([RefusedRow(RowKind.TOUCHPOINT, customer, one.key, "a constraint")])


def letter_of(one: Event) -> DeadLetter:
    batch = batch_of(one)
    take_out(batch, refusal(one))
    (letter,) = batch.refused
    return letter


def test_a_refused_touchpoint_becomes_a_letter_and_its_customer_is_folded_again() -> None:
    good, bad = event("page_viewed", 0, CUSTOMER), event("page_viewed", 1, CUSTOMER, number=1)
    batch = batch_of(good, bad)
    assert take_out(batch, refusal(bad)) == {CUSTOMER}
    (customer,) = batch.changes.customers
    assert list(customer.touches) == [good.key]
    assert [(wake.customer, wake.done) for wake in batch.changes.wakes] == [(CUSTOMER, False)]
    (letter,) = batch.refused
    assert (letter.reason, letter.partition, letter.type) == (Reason.REFUSED_BY_STORE, NO_POSITION, bad.type)


def test_the_same_event_has_the_same_place_whenever_it_is_received() -> None:
    first, other = event("page_viewed", 0, CUSTOMER), event("page_viewed", 1, CUSTOMER, number=1)
    again = msgspec.structs.replace(first, received_at=first.received_at + HOUR)
    places = [(letter.topic, letter.offset, letter.index) for letter in map(letter_of, (first, again, other))]
    assert places[0] == places[1] != places[2]


def test_rows_that_are_not_in_the_batch_are_not_looked_for_again() -> None:
    one = event("page_viewed", 0, CUSTOMER)
    with pytest.raises(RowsRefusedError):
        take_out(batch_of(one), refusal(one, "customer_id:2"))


def test_a_tombstone_that_is_refused_is_not_left_out() -> None:
    one = event("page_viewed", 0, CUSTOMER)
    batch = Batch(changes=Changes(customers=[CustomerChanges(CUSTOMER, 0, touches_gone={one.key})]), now=NOON)
    with pytest.raises(RowsRefusedError):
        take_out(batch, refusal(one))
    assert batch.changes.customers[0].touches_gone == {one.key}


def test_a_customer_who_was_woken_is_not_woken_for_ever() -> None:
    one = event("page_viewed", 0, CUSTOMER)
    batch = batch_of(one)
    batch.changes.wakes.append(Wake(CUSTOMER, 0, NOON, done=True))
    take_out(batch, refusal(one))
    assert [wake.done for wake in batch.changes.wakes] == [True]
