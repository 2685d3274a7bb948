"""The rows of the touchpoint table: a hot path, so they are built column by column, without a tuple per row."""

from collections.abc import Mapping, Sequence
from typing import Final

from pipeline.adapters.clickhouse.kept import pack
from pipeline.adapters.clickhouse.tables import TOUCHPOINTS, Block
from pipeline.catalogue.touchpoint import Touchpoint, uncatalogued
from pipeline.events.event import Event
from pipeline.stitching.changes import CustomerChanges, StoredTouch

_UNCATALOGUED: Final = uncatalogued("")
_GONE: Final = StoredTouch(Event("", "", "", 0, 0, (), "", False, 0, b""), 0, (), "")
_NOTHING: Final = Touchpoint("", "", "", "", "", "")


def touchpoint_block(
    customers: Sequence[CustomerChanges], versions: Mapping[int, int], catalogue: Mapping[str, Touchpoint]
) -> Block | None:
    """The touchpoints of a batch with their tombstones; None if there are none."""
    names: list[str] = []
    keys: list[bytes] = []
    row_versions: list[int] = []
    touches: list[StoredTouch] = []
    for changes in customers:
        gone = changes.touches_gone - changes.touches.keys()
        rows = len(gone) + len(changes.touches)
        names += [changes.customer] * rows
        row_versions += [versions[changes.partition]] * rows
        keys += gone
        keys += changes.touches
        touches += [_GONE] * len(gone)
        touches += changes.touches.values()
    if not touches:
        return None
    return Block(TOUCHPOINTS, [names, keys, row_versions, *_columns(touches, catalogue)])


def _columns(touches: list[StoredTouch], catalogue: Mapping[str, Touchpoint]) -> list[list[object]]:
    """The columns from `is_deleted` on."""
    events = [touch.event for touch in touches]
    kinds = [catalogue.get(event.type, _UNCATALOGUED) if event.type else _NOTHING for event in events]
    return [
        [touch is _GONE for touch in touches],
        [event.id for event in events],
        [event.source for event in events],
        [event.type for event in events],
        [event.time for event in events],
        [event.received_at for event in events],
        [event.identifiers for event in events],
        [event.channel for event in events],
        [event.probe for event in events],
        [event.data for event in events],
        [b"" if touch is _GONE else pack(touch) for touch in touches],
        [touch.journey_id for touch in touches],
        [kind.touchpoint for kind in kinds],
        [kind.stage for kind in kinds],
        [kind.moment for kind in kinds],
        [kind.owner for kind in kinds],
    ]
