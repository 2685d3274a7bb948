"""The protocol with one part left out at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from pipeline.identity import step
from pipeline.identity.changed import Stretch, Timeline, changed_stretch
from pipeline.identity.links import Links, Via
from pipeline.identity.mailbox import Mailbox
from pipeline.identity.messages import Hop, Message, Touch
from pipeline.identity.owners import OwnerPeriod
from pipeline.identity.policy import IdentityPolicy
from pipeline.identity.recalled import Recalled
from tests.property.identity import worker


def _nothing(*_: object) -> list[Message]:
    return []


def _keep_time(mailbox: Mailbox, touch: Touch, period: OwnerPeriod) -> Touch:
    hop = Hop(mailbox.identifier, touch.as_of, mailbox.version)
    return Touch(period.owner, touch.event, touch.as_of, (*touch.route, hop))


def _forget_dissolved(links: Links, target: str, time: int, via: Via) -> bool:
    if not via:
        return time in links.direct.get(target, ())
    return via in links.bridged.get(target, {}).get(time, ())


def _forget_copies(mailbox: Mailbox, touch: Touch, resolution: int) -> None:
    current = mailbox.kept.get(touch.event.key, touch)
    winner = min((touch, current), key=lambda copy: copy.event.precedence)
    mailbox.kept.pop(touch.event.key, None)
    _KEEP(mailbox, winner, resolution)


def _cut_short(before: Timeline, after: Timeline) -> Stretch:
    stretch = changed_stretch(before, after)
    return stretch if stretch.since is None else Stretch(stretch.since, stretch.since + 1)


def _latest_only(_: Recalled, since: int | None, until: int | None, version: int) -> Recalled:
    return _RECALL(Recalled(), since, until, version)


def _rises(message: Message, sender: str, policy: IdentityPolicy) -> bool:
    return policy.namespace(message.at).rank > policy.namespace(sender).rank


_KEEP = Mailbox.keep
_RECALL = Recalled.recall


MUTANTS: dict[str, tuple[object, str, Callable[..., object]]] = {
    "touches that arrive after their recall are not bounced": (step, "_bounce_arriving", lambda *_: None),
    "recalled touches that are kept are not returned": (step, "_bounce_held", _nothing),
    "no dissolve when bridging ends": (step, "_dissolve_own", _nothing),
    "transactions do not pass a dissolve on": (step, "_pass_dissolve", _nothing),
    "links over dissolved bridges are taken": (Links, "knows", _forget_dissolved),
    "no recall when the owners change": (step, "_recall_own", _nothing),
    "recalls name only the beginning of what changed": (step, "changed_stretch", _cut_short),
    "of recalls of different moments only the latest is marked": (Recalled, "recall", _latest_only),
    "recalls are not passed on": (step, "_pass_recall", _nothing),
    "what is held is not routed again": (step, "_reroute", _nothing),
    "what was loaded is not routed again": (worker, "resume", _nothing),
    "a transaction's owner is asked about the event's time": (step, "_forward", _keep_time),
    "copies that do not count are forgotten": (Mailbox, "keep", _forget_copies),
    "links are delivered ahead, too": (worker, "may_go_ahead", _rises),
    "what was delivered ahead in another tenure is not taken": (
        worker.Worker,
        "had",
        lambda _, __, mail: mail.tenure is not None,
    ),
}
"""By what is left out: where, which function, and its replacement."""


@contextmanager
def mutated(mutant: str) -> Iterator[None]:
    """Leave one part out inside the `with` block."""
    where, name, replacement = MUTANTS[mutant]
    with patch.object(where, name, replacement):
        yield
