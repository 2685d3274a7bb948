"""The messages that each message leads to, one by one."""

from collections.abc import Iterable

from pipeline.identity.mailbox import Mailbox, encode_state
from pipeline.identity.messages import Dissolve, Hop, Link, Message, Recall, Touch
from pipeline.identity.policy import IdentityPolicy
from pipeline.identity.recalled import Recalled
from pipeline.identity.step import resume, step
from pipeline.identity.timeline import timeline
from tests.unit.identity.events import touch

POLICY = IdentityPolicy(link_resolution_ms=10, shared_limit=2, shared_limit_transaction=2)
DEVICE, ORDER, EMAIL, PHONE = "anonymous_id:a", "order_id:o", "email:e", "phone:p"
ANN, BOB, CAT = "customer_id:ann", "customer_id:bob", "customer_id:cat"


def mailbox_with(identifier: str, messages: Iterable[Message]) -> Mailbox:
    mailbox = Mailbox(identifier)
    for message in messages:
        step(mailbox, message, POLICY)
    mailbox.take_changes()
    return mailbox


def device(*owners: tuple[str, int]) -> Mailbox:
    return mailbox_with(DEVICE, [Link(DEVICE, target, time) for target, time in owners])


def test_a_customer_keeps_its_touches() -> None:
    mailbox = Mailbox(ANN)
    found = touch(ANN, 5)
    assert step(mailbox, found, POLICY) == []
    assert list(mailbox.kept.values()) == [found]


def test_a_mailbox_with_an_owner_forwards_and_notes_the_hop() -> None:
    found = touch(DEVICE, 15)
    assert step(device((ANN, 10)), found, POLICY) == [Touch(ANN, found.event, 15, (Hop(DEVICE, 15, 1),))]


def test_an_order_asks_its_owner_about_the_time_it_was_placed() -> None:
    order = mailbox_with(ORDER, [Link(ORDER, DEVICE, 10)])
    found = touch(ORDER, 99)
    assert step(order, found, POLICY) == [Touch(DEVICE, found.event, 10, (Hop(ORDER, 99, 1),))]


def test_the_first_link_sends_on_what_was_kept() -> None:
    found = touch(DEVICE, 5)
    mailbox = mailbox_with(DEVICE, [found])
    assert step(mailbox, Link(DEVICE, ANN, 10), POLICY) == [Touch(ANN, found.event, 5, (Hop(DEVICE, 5, 1),))]
    changes = mailbox.take_changes()
    assert changes.state
    assert changes.gone == {found.event.key}


def test_a_known_link_changes_nothing() -> None:
    mailbox = device((ANN, 10))
    assert step(mailbox, Link(DEVICE, ANN, 10), POLICY) == []
    assert not mailbox.take_changes().state


def test_a_new_link_to_the_owner_keeps_the_version() -> None:
    mailbox = device((ANN, 10))
    assert step(mailbox, Link(DEVICE, ANN, 20), POLICY) == []
    assert mailbox.version == 1
    assert mailbox.take_changes().state


def test_another_owner_calls_back_what_the_first_was_sent() -> None:
    mailbox = device((ANN, 10))
    assert step(mailbox, Link(DEVICE, BOB, 20), POLICY) == [Recall(ANN, DEVICE, 2, since=20)]
    assert mailbox.version == 2


def test_a_late_link_calls_back_only_what_it_takes_from_others() -> None:
    mailbox = device((ANN, 10), (BOB, 20), (ANN, 40))
    assert step(mailbox, Link(DEVICE, BOB, 10), POLICY) == []
    assert step(mailbox, Link(DEVICE, ANN, 30), POLICY) == [Recall(BOB, DEVICE, 4, since=30, until=40)]


def test_two_people_in_turn_at_one_device_do_not_move_what_they_did_before() -> None:
    mailboxes = {name: Mailbox(name) for name in (DEVICE, ANN, BOB)}
    sent = []
    for time in range(0, 4_000, 20):
        mail: list[Message] = [Link(DEVICE, (ANN, BOB)[time // 20 % 2], time), touch(DEVICE, time + 5, (), str(time))]
        sent.append(0)
        while mail:
            sent[-1] += len(mail)
            mail = [later for message in mail for later in step(mailboxes[message.at], message, POLICY)]
    assert sent[2:] == [4] * 198
    assert [len(mailboxes[name].kept) for name in (DEVICE, ANN, BOB)] == [0, 100, 100]
    assert len(encode_state(mailboxes[ANN])) < 1_000


def test_a_recall_leaves_what_asked_about_another_moment() -> None:
    early, late = touch(ANN, 5, (Hop(DEVICE, 5, 1),)), touch(ANN, 25, (Hop(DEVICE, 25, 1),), "2")
    mailbox = mailbox_with(ANN, [early, late])
    assert step(mailbox, Recall(ANN, DEVICE, 2, since=20), POLICY) == [Touch(DEVICE, late.event, 25, ())]
    assert list(mailbox.kept.values()) == [early]


def test_becoming_shared_calls_back_from_every_owner_and_ends_the_growth_of_links() -> None:
    mailbox = device((ANN, 10), (BOB, 20))
    assert step(mailbox, Link(DEVICE, CAT, 30), POLICY) == [Recall(ANN, DEVICE, 3), Recall(BOB, DEVICE, 3)]
    assert timeline(mailbox, POLICY) == ()
    mailbox.take_changes()
    assert step(mailbox, Link(DEVICE, "customer_id:more", 40), POLICY) == []
    assert not mailbox.take_changes().state


def test_a_recall_returns_what_came_by_an_older_hop_and_goes_on() -> None:
    old, new = touch(ANN, 5, (Hop(ORDER, 7, 1), Hop(DEVICE, 5, 1))), touch(ANN, 6, (Hop(DEVICE, 6, 2),), "2")
    mailbox = mailbox_with(ANN, [old, new])
    assert step(mailbox, Recall(ANN, DEVICE, 2), POLICY) == [Touch(DEVICE, old.event, 5, (Hop(ORDER, 7, 1),))]
    assert list(mailbox.kept.values()) == [new]
    assert mailbox.stale == {DEVICE: Recalled(versions=(2,))}


def test_a_recall_goes_on_to_the_owners() -> None:
    mailbox = device((EMAIL, 10))
    assert step(mailbox, Recall(DEVICE, ORDER, 2), POLICY) == [Recall(EMAIL, ORDER, 2)]
    assert step(mailbox, Recall(DEVICE, ORDER, 2), POLICY) == []
    assert step(mailbox, Recall(DEVICE, ORDER, 1), POLICY) == []
    assert mailbox.stale == {ORDER: Recalled(versions=(2,))}


def test_a_touch_that_comes_after_its_recall_goes_back_to_the_first_stale_hop() -> None:
    mailbox = mailbox_with(ANN, [Recall(ANN, DEVICE, 3), Recall(ANN, ORDER, 2)])
    found = touch(ANN, 5, (Hop(ORDER, 7, 1), Hop(DEVICE, 5, 2)))
    assert step(mailbox, found, POLICY) == [Touch(ORDER, found.event, 7, ())]
    assert mailbox.kept == {}


def test_a_device_bridges_what_no_event_carried_together() -> None:
    mailbox = device((EMAIL, 10), (EMAIL, 20))
    sent = step(mailbox, Link(DEVICE, ANN, 20), POLICY)
    assert sent[:2] == [Link(EMAIL, ANN, 10, (DEVICE,)), Link(EMAIL, ANN, 20, (DEVICE,))]


def test_the_second_customer_of_a_tablet_takes_its_bridges_back() -> None:
    policy = IdentityPolicy(link_resolution_ms=10)
    mailbox = device((EMAIL, 10), (ANN, 20))
    assert Dissolve(EMAIL, DEVICE) in step(mailbox, Link(DEVICE, BOB, 30), policy)
    later = step(mailbox, Link(DEVICE, EMAIL, 40), policy)
    assert later == [Recall(BOB, DEVICE, 4, since=40)]


def test_an_order_bridges_bridged_links_with_the_ways_of_both() -> None:
    order = mailbox_with(ORDER, [Link(ORDER, EMAIL, 10, ("parcel_id:p",))])
    sent = step(order, Link(ORDER, ANN, 20, ("ticket_id:t",)), POLICY)
    assert sent == [Link(EMAIL, ANN, 10, (ORDER, "parcel_id:p", "ticket_id:t"))]


def test_a_device_does_not_bridge_bridged_links() -> None:
    mailbox = mailbox_with(DEVICE, [Link(DEVICE, EMAIL, 10, (ORDER,))])
    assert step(mailbox, Link(DEVICE, ANN, 10, (ORDER,)), POLICY) == [Recall(EMAIL, DEVICE, 2)]


def test_a_shared_order_takes_its_bridges_back() -> None:
    order = mailbox_with(ORDER, [Link(ORDER, PHONE, 10), Link(ORDER, ANN, 20)])
    sent = step(order, Link(ORDER, BOB, 30), POLICY)
    assert sent == [Dissolve(PHONE, ORDER), Recall(PHONE, ORDER, 2)]


def test_a_dissolved_bridge_counts_no_more_now_or_later() -> None:
    email = mailbox_with(EMAIL, [Link(EMAIL, ANN, 10, (ORDER,))])
    assert step(email, Dissolve(EMAIL, ORDER), POLICY) == [Recall(ANN, EMAIL, 2)]
    assert step(email, Link(EMAIL, ANN, 20, (ORDER, "parcel_id:p")), POLICY) == []
    assert step(email, Dissolve(EMAIL, ORDER), POLICY) == []
    assert timeline(email, POLICY) == ()


def test_an_order_passes_a_dissolve_on_once_to_whom_it_told_of_bridges() -> None:
    order = mailbox_with(ORDER, [Link(ORDER, EMAIL, 10, ("parcel_id:p",)), Link(ORDER, ANN, 20)])
    assert step(order, Dissolve(ORDER, "parcel_id:p"), POLICY)[0] == Dissolve(EMAIL, "parcel_id:p")
    assert step(order, Dissolve(ORDER, "parcel_id:p"), POLICY) == []


def test_the_first_direct_link_makes_a_person_forget_bridged_ones() -> None:
    email = mailbox_with(EMAIL, [Link(EMAIL, ANN, 10, (ORDER,))])
    assert step(email, Link(EMAIL, BOB, 50), POLICY) == [Recall(ANN, EMAIL, 2)]
    assert email.links.targets() == {BOB}
    email.take_changes()
    assert step(email, Link(EMAIL, CAT, 60, (ORDER,)), POLICY) == []
    assert step(email, Dissolve(EMAIL, ORDER), POLICY) == []
    assert not email.take_changes().state


def test_what_is_loaded_goes_where_the_links_and_marks_say() -> None:
    held, recalled, fine = (
        touch(DEVICE, 5),
        touch(ANN, 6, (Hop(DEVICE, 6, 1),)),
        touch(ANN, 7, (Hop(DEVICE, 7, 2),), "3"),
    )
    torn = device((ANN, 10))
    torn.keep(held, 10)
    assert resume(torn, POLICY) == [Touch(ANN, held.event, 5, (Hop(DEVICE, 5, 1),))]
    customer = mailbox_with(ANN, [Recall(ANN, DEVICE, 2)])
    customer.keep(recalled, 10)
    customer.keep(fine, 10)
    assert resume(customer, POLICY) == [Touch(DEVICE, recalled.event, 6, ())]
    assert list(customer.kept.values()) == [fine]
    assert resume(customer, POLICY) == []
