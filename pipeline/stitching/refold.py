"""Fold a customer again, and find what differs from what is stored."""

from collections.abc import Iterable, Mapping

import msgspec

from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.events.event import Event
from pipeline.frictions.friction import Friction
from pipeline.identity.mailbox import Mailbox
from pipeline.journeys.fold import Folded, Rules, fold_keyed
from pipeline.journeys.journey import Journey
from pipeline.journeys.measures import Measure, measures
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
    changed: Iterable[bytes],
    gone: Iterable[bytes],
    now: int,
    catalogue: Mapping[str, Touchpoint],
    rules: Rules,
) -> Refolded:
    """Compute a customer's journeys and frictions, and bring `entry` to the new state.

    Args:
        entry: The customer; its record of what is stored is brought up to date.
        changed: Keys of touchpoints that were kept or replaced since the last time.
        gone: Keys of touchpoints that left.
        now: Milliseconds since the epoch.
        catalogue: Touchpoint of each event type.
        rules: Policies and detectors.
    """
    mailbox = entry.mailbox
    events = {key: touch.event for key, touch in mailbox.kept.items()}
    folded = fold_keyed(mailbox.identifier, events, now, catalogue, rules)
    changes = CustomerChanges(mailbox.identifier, entry.partition, touches_gone=set(gone))
    changed = list(changed)
    arrived = {key for key in changed if key in mailbox.kept and key not in entry.membership}
    changes.touches = _touches(mailbox, entry.membership, folded.membership, changed)
    entry.membership = folded.membership
    _diff_journeys(entry, folded, changes)
    closed = _newly_closed(entry, folded)
    kinds = {friction_id: known.kind for friction_id, known in entry.frictions.items()}
    raised = _diff_frictions(entry, folded, now, changes)
    withdrawn = [Withdrawal(friction_id, kinds[friction_id]) for friction_id in changes.frictions_gone]
    return Refolded(
        changes,
        folded.wake_at,
        raised,
        withdrawn,
        closed,
        settled=[events[key] for key in arrived if not mailbox.kept[key].route],
        measures=measures(events, folded.membership, arrived, catalogue),
    )


def _touches(
    mailbox: Mailbox, before: Mapping[bytes, str], after: Mapping[bytes, str], changed: Iterable[bytes]
) -> dict[bytes, StoredTouch]:
    """The touchpoints to write: kept or replaced ones, and those whose journey has another id now."""
    keys = {key for key in changed if key in mailbox.kept}
    keys.update(key for key, journey_id in after.items() if before.get(key) != journey_id)
    return {
        key: StoredTouch(touch.event, touch.as_of, touch.route, after[key], mailbox.copies.get(key, ()))
        for key in keys
        for touch in (mailbox.kept[key],)
    }


def _diff_journeys(entry: Entry, folded: Folded, changes: CustomerChanges) -> None:
    hashes = {journey.journey_id: content_hash(journey) for journey in folded.journeys}
    stored = entry.journeys
    changes.journeys = [row for row in folded.journeys if stored.get(row.journey_id) != hashes[row.journey_id]]
    changes.journeys_gone = [journey_id for journey_id in stored if journey_id not in hashes]
    entry.journeys = hashes


def _newly_closed(entry: Entry, folded: Folded) -> list[Journey]:
    """The journeys that were not closed before; one that only has another first event, and so another id, was."""
    before = entry.closed
    closed = {journey.journey_id: journey for journey in folded.journeys if journey.status == "closed"}
    entry.closed = set(closed)
    renamed = len(before - closed.keys())
    return [journey for journey_id, journey in closed.items() if journey_id not in before][renamed:]


def _diff_frictions(entry: Entry, folded: Folded, now: int, changes: CustomerChanges) -> list[Friction]:
    stored = entry.frictions
    entry.frictions = {}
    raised = []
    for friction in folded.frictions:
        known = stored.get(friction.friction_id)
        content = content_hash(friction)
        detected_at = known.detected_at if known else now
        if known is None:
            raised.append(friction)
        if known is None or known.content != content:
            changes.frictions.append(DetectedFriction(friction, detected_at))
        entry.frictions[friction.friction_id] = StoredFriction(content, detected_at, friction.kind)
    changes.frictions_gone = [friction_id for friction_id in stored if friction_id not in entry.frictions]
    return raised
