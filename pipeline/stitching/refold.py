"""Fold a customer that changed, and find what differs from what is stored."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.events.event import Event
from pipeline.frictions.friction import Friction
from pipeline.identity.mailbox import Mailbox
from pipeline.journeys.growing import Grown
from pipeline.journeys.history import History
from pipeline.journeys.journey import Journey
from pipeline.journeys.measures import Measure, measures
from pipeline.journeys.rules import Rules
from pipeline.stitching.batch import Withdrawal
from pipeline.stitching.changes import CustomerChanges, DetectedFriction, StoredTouch
from pipeline.stitching.content import content_hash
from pipeline.stitching.entry import Entry
from pipeline.stitching.store import StoredFriction


class Refolded(msgspec.Struct):
    """The outcome for one customer."""

    changes: CustomerChanges
    wake_at: int | None
    """When the clock alone would change the answer, milliseconds since the epoch."""
    raised: list[Friction]
    """Frictions that were not stored before."""
    withdrawn: list[Withdrawal]
    """Frictions that the customer no longer has."""
    closed: list[Journey]
    """Journeys that were not closed before."""
    settled: list[Event]
    """Events that came straight here, and were not here before."""
    measures: list[Measure]
    """What the arrived events tell."""


def refold(
    entry: Entry,
    changed: Collection[bytes],
    gone: Collection[bytes],
    now: int,
    catalogue: Mapping[str, Touchpoint],
    rules: Rules,
) -> Refolded:
    """Compute a customer's journeys and frictions, and bring `entry` to the new state.

    Events that come in order make its history grow; anything else makes it anew.

    Args:
        entry: The customer; its record of what is stored is brought up to date.
        changed: Keys of touchpoints that were kept or replaced since the last time.
        gone: Keys of touchpoints that left.
        now: Milliseconds since the epoch.
        catalogue: Touchpoint of each event type.
        rules: Policies and detectors.
    """
    kept, history = entry.mailbox.kept, entry.history
    arrived = {key: kept[key].event for key in changed if key not in entry.membership}
    grows = history is not None and not gone and len(arrived) == len(changed)
    if history is None or not grows or not history.append(arrived):
        grows = False
        events = {key: touch.event for key, touch in kept.items()}
        history = entry.history = History(entry.mailbox.identifier, events, catalogue, rules)
    grown = history.look(now)
    changes = CustomerChanges(entry.mailbox.identifier, entry.partition, touches_gone=set(gone))
    changes.touches = _touches(entry, grown, changed, grows)
    closed = _journeys(entry, grown, changes, grows)
    raised, withdrawn = _frictions(entry, grown, now, changes, grows)
    return Refolded(
        changes,
        history.wake_at,
        raised,
        withdrawn,
        closed,
        settled=[event for key, event in arrived.items() if not kept[key].route],
        measures=_measures(grown, arrived),
    )


def _touches(entry: Entry, grown: Sequence[Grown], changed: Collection[bytes], grows: bool) -> dict[bytes, StoredTouch]:
    """The touchpoints to write: kept or replaced ones, and those whose journey has another id now."""
    mailbox, before = entry.mailbox, entry.membership
    if grows:
        for one in grown:
            before.update(dict.fromkeys([step.key for step in one.steps.all[one.first_new :]], one.journey.journey_id))
        return {key: _stored(mailbox, key, before[key]) for key in changed}
    after = {step.key: one.journey.journey_id for one in grown for step in one.steps.all}
    entry.membership = after
    others = {key for key, journey_id in after.items() if before.get(key) != journey_id}
    return {key: _stored(mailbox, key, after[key]) for key in others.union(changed)}


def _stored(mailbox: Mailbox, key: bytes, journey_id: str) -> StoredTouch:
    touch = mailbox.kept[key]
    return StoredTouch(touch.event, touch.as_of, touch.route, journey_id, mailbox.copies.get(key, ()))


def _journeys(entry: Entry, grown: Sequence[Grown], changes: CustomerChanges, grows: bool) -> list[Journey]:
    """Find the rows to write; returns the journeys that are closed and were not.

    One that only has another first event, and so another id, was.
    """
    stored = entry.journeys
    folded = {one.journey.journey_id: one.journey for one in grown}
    hashes = {journey_id: content_hash(journey) for journey_id, journey in folded.items()}
    changes.journeys = [folded[name] for name, content in hashes.items() if stored.get(name) != content]
    closed = {journey_id: journey for journey_id, journey in folded.items() if journey.status == "closed"}
    newly = [journey for journey_id, journey in closed.items() if journey_id not in entry.closed]
    if grows:
        stored.update(hashes)
        entry.closed = entry.closed.difference(hashes).union(closed)
        return newly
    changes.journeys_gone = [journey_id for journey_id in stored if journey_id not in hashes]
    renamed = len(entry.closed - closed.keys())
    entry.journeys, entry.closed = hashes, set(closed)
    return newly[renamed:]


def _frictions(
    entry: Entry, grown: Sequence[Grown], now: int, changes: CustomerChanges, grows: bool
) -> tuple[list[Friction], list[Withdrawal]]:
    """Find the rows to write; returns what the customer did not have before, and what it has no more."""
    stored, found = entry.frictions, {}
    raised = []
    for friction in [friction for one in grown for friction in one.frictions]:
        known = stored.get(friction.friction_id)
        content = content_hash(friction)
        detected_at = known.detected_at if known else now
        if known is None:
            raised.append(friction)
        if known is None or known.content != content:
            changes.frictions.append(DetectedFriction(friction, detected_at))
        found[friction.friction_id] = StoredFriction(content, detected_at, friction.kind)
    left: Iterable[str] = [name for one in grown for name in one.frictions_gone] if grows else stored
    changes.frictions_gone = [name for name in left if name in stored and name not in found]
    withdrawn = [Withdrawal(name, stored[name].kind) for name in changes.frictions_gone]
    if grows:
        for name in changes.frictions_gone:
            del stored[name]
        stored.update(found)
    else:
        entry.frictions = found
    return raised, withdrawn


def _measures(grown: Sequence[Grown], arrived: Mapping[bytes, Event]) -> list[Measure]:
    found: list[Measure] = []
    for one in grown if arrived else ():
        news = [step for step in one.steps.all[one.first_new :] if step.key in arrived]
        measured = measures(one.journey.journey_id, one.steps, news)
        if measured:
            one.steps.forget_data()
        found += measured
    return found
