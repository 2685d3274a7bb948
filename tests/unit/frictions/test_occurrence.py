"""What detectors read."""

from pipeline.events.event import Event
from pipeline.frictions.occurrence import Occurrence, Steps
from tests.unit.journeys.samples import event, touchpoint


def occurrence(source: Event, position: int = 0) -> Occurrence:
    return Occurrence(source, source.key, touchpoint(source.type), source.time, source.type, position, 0)


def test_accessors_return_none_for_what_is_absent_or_of_another_type() -> None:
    step = occurrence(event("web.clicked", 0, {"x": 1, "y": True, "target": 5, "dead": "yes", "url": "/"}))
    assert (step.number("x"), step.number("y"), step.number("z")) == (1, None, None)
    assert (step.text("url"), step.text("target"), step.text("title")) == ("/", None, None)
    assert (step.flag("y"), step.flag("dead")) == (True, None)


def test_data_that_is_no_object_is_empty() -> None:
    odd = Event("/s", "1", "web.clicked", 0, 0, ("customer_id:1",), "web", False, 0, b"[1]")
    assert occurrence(odd).data == {}


def test_identifiers_are_found_by_their_whole_namespace() -> None:
    step = occurrence(event("web.order_placed", identifiers={"order_id": "7"}))
    assert step.identifier("order_id") == "order_id:7"
    assert step.identifier("order") is None
    assert step.identifier("parcel_id") is None


def test_steps_by_type_are_in_order_and_derivations_are_computed_once() -> None:
    names = ["web.clicked", "web.searched", "web.clicked", "web.app_opened"]
    steps = Steps([occurrence(event(name, at), at) for at, name in enumerate(names)])
    assert [step.position for step in steps.of("web.searched", "web.clicked")] == [0, 1, 2]
    assert [step.position for step in steps.of("web.clicked", "web.signed_in")] == [0, 2]
    assert [step.position for step in steps.of("web.clicked")] == [0, 2]
    assert [step.position for step in steps.firsts] == [0, 1, 3]
    assert not steps.of("web.signed_in")
    calls: list[Steps] = []

    def build(known: Steps) -> int:
        calls.append(known)
        return len(known.all)

    assert (steps.derive(build), steps.derive(build), len(calls)) == (4, 4, 1)
