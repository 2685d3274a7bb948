"""Events find their topics, and are packed."""

import orjson
import pytest

from pipeline.collecting.sorting import LARGEST_EVENT_BYTES, Refused, sort_events
from pipeline.events import packing
from pipeline.events.routing import Unroutable


def event(kind: str, **fields: object) -> dict[str, object]:
    return {"type": kind, **fields}


def test_events_are_packed_by_topic_in_their_order() -> None:
    found = sort_events([event("web.a", n=0), event("store.a", n=1), event("web.b", n=2)])
    assert [(pack.topic, pack.indexes) for pack in found.packs] == [
        ("touchpoints.web", [0, 2]),
        ("touchpoints.store", [1]),
    ]
    assert [one["n"] for one in orjson.loads(found.packs[0].message)] == [0, 2]
    assert not found.refused


def test_what_has_no_topic_is_refused_and_the_others_are_taken() -> None:
    found = sort_events([3, event("web.a"), {}, event("nope.x"), Unroutable("batch", "why")])
    assert [pack.indexes for pack in found.packs] == [[1]]
    assert [(one.index, one.field) for one in found.refused] == [(0, ""), (2, "type"), (3, "type"), (4, "batch")]
    assert found.refused[-1] == Refused(4, "batch", "why")


def test_packs_are_bounded_in_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MESSAGE_EVENTS", 2)
    assert [pack.indexes for pack in sort_events([event("web.a")] * 5).packs] == [[0, 1], [2, 3], [4]]


def test_packs_are_bounded_in_bytes() -> None:
    found = sort_events([event("web.a", text="x" * 100_000)] * 5)
    assert [pack.indexes for pack in found.packs] == [[0, 1], [2, 3], [4]]
    assert all(len(pack.message) <= packing.MESSAGE_BYTES for pack in found.packs)


def test_an_event_that_no_broker_takes_is_refused() -> None:
    found = sort_events([event("web.a", text="x" * LARGEST_EVENT_BYTES), event("web.a")])
    assert [pack.indexes for pack in found.packs] == [[1]]
    assert "at most 1000000 are taken" in found.refused[0].detail


def test_an_event_that_cannot_be_written_again_is_refused() -> None:
    deep = orjson.loads(b'{"type":"web.a","data":' + b"[" * 600 + b"]" * 600 + b"}")
    assert "nested too deeply" in sort_events([deep]).refused[0].detail
