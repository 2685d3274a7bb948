"""What a worker's late rows do that lost its partition while it was stopped, and what keeps them from it.

Mail: a touch, then the recall that takes it away. The former worker took the touch and was stopped before it saved. Its
successor took both, was killed in the middle of saving, and started again: now it sees the touch only bounce.
"""

from collections.abc import Sequence

from pipeline.identity.mailbox import Mailbox, MailboxChanges, encode_state
from pipeline.identity.messages import Hop, Message, Recall, Touch
from pipeline.identity.policy import IdentityPolicy
from pipeline.identity.step import resume, step
from tests.property.identity.scenarios import touchpoint
from tests.property.identity.table import Table, TouchRow

BOX, DEVICE = "customer_id:1", "device_id:1"
TOUCH = Touch(BOX, touchpoint(1, 5, [DEVICE]), 5, (Hop(DEVICE, 5, 1),))
RECALL = Recall(BOX, DEVICE, 2)
KEY = TOUCH.event.key
FORMER, SUCCESSOR = (0, 1), (1, 1)


class Tables:
    """The store of one mailbox."""

    def __init__(self) -> None:
        self.states: Table[str, bytes] = Table()
        self.touches: Table[bytes, TouchRow] = Table()

    def process(self, mail: Sequence[Message]) -> tuple[Mailbox, MailboxChanges, list[Message]]:
        """A worker that has just started loads the mailbox and takes the mail."""
        policy = IdentityPolicy()
        mailbox = Mailbox.restore(BOX, self.states.get(BOX) or b"", self.touches.rows())
        sent = resume(mailbox, policy)
        for message in mail:
            sent += step(mailbox, message, policy)
        return mailbox, mailbox.take_changes(), sent

    def save_touches(self, mailbox: Mailbox, changes: MailboxChanges, version: tuple[int, int]) -> None:
        for key in changes.kept:
            kept = mailbox.kept[key]
            self.touches.save(key, TouchRow(kept.event, kept.as_of, kept.route, ()), version)
        for key in changes.gone:
            self.touches.save(key, None, version)


def run(*, touches_first: bool, fenced: bool) -> Tables:
    """Play the story."""
    tables = Tables()
    former, former_changes, _ = tables.process([TOUCH])
    successor, successor_changes, sent = tables.process([TOUCH, RECALL])
    assert sent == [Touch(DEVICE, TOUCH.event, 5, ())]
    if touches_first:
        tables.save_touches(successor, successor_changes, SUCCESSOR)
    tables.states.save(BOX, encode_state(successor), SUCCESSOR)
    again, again_changes, sent = tables.process([TOUCH, RECALL])
    assert sent == [Touch(DEVICE, TOUCH.event, 5, ())]
    tables.save_touches(again, again_changes, (1, 2))
    if not fenced:
        tables.save_touches(former, former_changes, FORMER)
    return tables


def test_unfenced_and_in_the_wrong_order_a_touch_stays_where_it_does_not_belong() -> None:
    tables = run(touches_first=False, fenced=False)
    assert list(tables.touches.rows()) == [KEY]


def test_saving_touches_first_is_enough() -> None:
    assert run(touches_first=True, fenced=False).touches.rows() == {}


def test_fencing_is_enough() -> None:
    assert run(touches_first=False, fenced=True).touches.rows() == {}


def test_the_next_load_mends_it() -> None:
    tables = run(touches_first=False, fenced=False)
    mailbox, changes, sent = tables.process([])
    assert sent == [Touch(DEVICE, TOUCH.event, 5, ())]
    tables.save_touches(mailbox, changes, (2, 1))
    assert tables.touches.rows() == {}
