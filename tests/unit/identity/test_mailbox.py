from pipeline.identity.mailbox import Mailbox, MailboxChanges
from pipeline.identity.messages import Hop, Touch
from pipeline.stitching.changes import StoredTouch
from tests.unit.identity.events import touch

BOX = "customer_id:42"
RESOLUTION = 100


def test_what_is_kept_is_a_change_once() -> None:
    mailbox = Mailbox(BOX)
    found = touch(BOX, 5)
    mailbox.keep(found, RESOLUTION)
    key = found.event.key
    assert mailbox.kept == {key: found}
    assert mailbox.take_changes() == MailboxChanges(False, {key}, set())
    assert mailbox.take_changes() == MailboxChanges(False, set(), set())


def test_the_same_touch_again_changes_nothing() -> None:
    mailbox = Mailbox(BOX)
    mailbox.keep(touch(BOX, 5), RESOLUTION)
    mailbox.take_changes()
    mailbox.keep(touch(BOX, 5), RESOLUTION)
    assert mailbox.take_changes().kept == set()


def test_a_copy_on_another_route_replaces_it() -> None:
    mailbox = Mailbox(BOX)
    mailbox.keep(touch(BOX, 5), RESOLUTION)
    mailbox.take_changes()
    again = touch(BOX, 5, (Hop("email:e", 5, 2),), address=BOX)
    mailbox.keep(again, RESOLUTION)
    assert list(mailbox.kept.values()) == [again]
    assert mailbox.take_changes().kept == {again.event.key}


def test_the_smallest_precedence_counts_in_either_order() -> None:
    strong, weak = touch(BOX, 5, digest=1), touch(BOX, 6, digest=2)
    for order in ((strong, weak), (weak, strong)):
        mailbox = Mailbox(BOX)
        for found in order:
            mailbox.keep(found, RESOLUTION)
        assert list(mailbox.kept.values()) == [strong]
        assert mailbox.copies == {}


def test_copies_far_apart_in_time_are_remembered_and_one_may_count_later() -> None:
    strong, weak = touch(BOX, 5, digest=1), touch(BOX, 500, digest=2)
    key = strong.event.key
    for order in ((strong, weak), (weak, strong)):
        mailbox = Mailbox(BOX)
        for found in order:
            mailbox.keep(found, RESOLUTION)
        assert mailbox.kept == {key: strong}
        assert mailbox.copies == {key: (weak,)}
        assert mailbox.held() == [(key, strong), (key, weak)]
        mailbox.take_changes()
        mailbox.release(strong.event.key, strong)
        assert mailbox.kept == {key: weak}
        assert mailbox.copies == {}
        assert mailbox.take_changes() == MailboxChanges(False, {key}, set())


def test_a_copy_that_does_not_count_leaves_alone() -> None:
    strong, weak = touch(BOX, 5, digest=1), touch(BOX, 500, digest=2)
    mailbox = Mailbox(BOX)
    mailbox.keep(strong, RESOLUTION)
    mailbox.keep(weak, RESOLUTION)
    mailbox.release(weak.event.key, weak)
    assert mailbox.held() == [(strong.event.key, strong)]


def test_what_was_kept_and_left_before_it_was_saved_is_reported_as_gone() -> None:
    mailbox = Mailbox(BOX)
    found = touch(BOX, 5)
    mailbox.keep(found, RESOLUTION)
    mailbox.release(found.event.key, found)
    assert mailbox.take_changes() == MailboxChanges(False, set(), {found.event.key})
    mailbox.keep(found, RESOLUTION)
    mailbox.release(found.event.key, found)
    mailbox.keep(found, RESOLUTION)
    assert mailbox.take_changes() == MailboxChanges(False, {found.event.key}, set())


def test_restoring_brings_touches_with_their_copies_back_without_a_change() -> None:
    strong, weak = touch(BOX, 5, digest=1), touch(BOX, 500, digest=2)
    stored = StoredTouch(strong.event, strong.as_of, strong.route, "journey", (weak,))
    mailbox = Mailbox.restore(BOX, b"", {strong.event.key: stored})
    assert mailbox.kept == {strong.event.key: Touch(BOX, strong.event, 5, ())}
    assert mailbox.copies == {strong.event.key: (weak,)}
    assert mailbox.take_changes() == MailboxChanges(False, set(), set())
    before = Mailbox(BOX)
    for each in (strong, weak):
        before.keep(each, RESOLUTION)
    assert mailbox.approximate_size == before.approximate_size


def test_the_size_grows_and_shrinks_with_the_content() -> None:
    mailbox = Mailbox(BOX)
    empty = mailbox.approximate_size
    strong, weak = touch(BOX, 5, digest=1), touch(BOX, 500, digest=2)
    mailbox.keep(strong, RESOLUTION)
    one = mailbox.approximate_size
    mailbox.keep(weak, RESOLUTION)
    assert empty < one < mailbox.approximate_size
    mailbox.release(strong.event.key, strong)
    mailbox.release(weak.event.key, weak)
    assert mailbox.approximate_size == empty
    mailbox.links.add("email:a", 1, ())
    assert mailbox.approximate_size > empty
