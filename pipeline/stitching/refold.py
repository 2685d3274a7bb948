"""Fold a customer that changed, and find what differs from what is stored."""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set

import msgspec

from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.events.event import Event
from pipeline.frictions.friction import Friction
from pipeline.journeys.growing import Grown
from pipeline.journeys.history import History
from pipeline.journeys.journey import Journey
from pipeline.journeys.measures import MEASURED_TYPES, Measure, measures
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
    """Measurements of the events that arrived."""


def refold(
    entry: Entry,
    changed: Collection[bytes],
    gone: Collection[bytes],
    now: int,
    catalogue: Mapping[str, Touchpoint],
    rules: Rules,
) -> Refolded:
    """Compute a customer's journeys and frictions, and bring `entry` to the new state.

    The history grows by events of the last journey, or after it; after any other change it is made anew.

    Args:
        entry: The customer; its record of what is stored is updated.
        changed: Keys of touchpoints that were kept or replaced since the last fold.
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
        events = arrived if len(arrived) == len(kept) else {key: touch.event for key, touch in kept.items()}
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
    before = entry.membership
    after = before if grows else {}
    for one in grown:
        after.update(dict.fromkeys([step.key for step in one.steps.all[one.first_new :]], one.journey.journey_id))
    if not grows:
        entry.membership = after
        changed = {key for key, _ in after.items() - before.items()}.union(changed) if before else after
    kept, copies = entry.mailbox.kept, entry.mailbox.copies
    touches = {}
    for key in changed:
        touch = kept[key]
        touches[key] = StoredTouch(touch.event, touch.as_of, touch.route, after[key], copies.get(key, ()))
    return touches


def _journeys(entry: Entry, grown: Sequence[Grown], changes: CustomerChanges, grows: bool) -> list[Journey]:
    """Find the rows to write; returns the journeys that are newly closed.

    A closed journey that only got another first event, and so another id, is not.
    """
    stored = entry.journeys
    found: dict[str, int | Journey] = {}
    closed: list[Journey] = []
    for one in grown:
        journey = one.journey
        found[journey.journey_id] = journey
        if _differs(stored.get(journey.journey_id), journey):
            changes.journeys.append(journey)
        if journey.status == "closed":
            closed.append(journey)
    if grows:
        stored.update(found)
    else:
        changes.journeys_gone = [journey_id for journey_id in stored if journey_id not in found]
        entry.journeys = found
    return _newly_closed(entry, closed, found.keys(), grows) if closed or entry.closed else []


def _newly_closed(entry: Entry, closed: Sequence[Journey], names: Set[str], grows: bool) -> list[Journey]:
    newly = [journey for journey in closed if journey.journey_id not in entry.closed]
    now = {journey.journey_id for journey in closed}
    if grows:
        entry.closed = entry.closed.difference(names).union(now)
        return newly
    renamed = len(entry.closed - now)
    entry.closed = now
    return newly[renamed:]


def _differs(known: int | Journey | Friction | None, row: Journey | Friction) -> bool:
    """Whether a row differs from the one that was written, or whose content hash was loaded."""
    return known != (content_hash(row) if isinstance(known, int) else row)


def _frictions(
    entry: Entry, grown: Sequence[Grown], now: int, changes: CustomerChanges, grows: bool
) -> tuple[list[Friction], list[Withdrawal]]:
    """Find the rows to write; returns the frictions that are new to the customer, and those it no longer has."""
    stored = entry.frictions
    found: dict[str, StoredFriction | DetectedFriction] = {}
    raised: list[Friction] = []
    for one in grown:
        for friction in one.frictions:
            known = stored.get(friction.friction_id)
            detected = DetectedFriction(friction, now if known is None else known.detected_at)
            if known is None:
                raised.append(friction)
            if known is None or _differs(known.content, friction):
                changes.frictions.append(detected)
            found[friction.friction_id] = detected
    if not found and not stored:
        return [], []
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
        new = one.steps.all[one.first_new :]
        news = [step for step in new if step.type in MEASURED_TYPES and step.key in arrived]
        if news:
            found += measures(one.journey.journey_id, one.steps, news)
    return found
