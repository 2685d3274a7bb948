"""The small job, and its clocks."""

import orjson

from tests.benchmarks.peers.contenders import CONTENDERS, present
from tests.benchmarks.peers.counting import Counting


def event(key: str) -> bytes:
    return orjson.dumps({"data": {"identifiers": {"anonymous_id": key, "customer_id": "c"}}})


def test_events_are_counted_by_their_first_identifier() -> None:
    counting = Counting(4, lambda _: None)
    for key in "abaa":
        counting.one(event(key))
    assert counting.counts == {"a": 3, "b": 1}


def test_the_clocks_leave_out_the_first_call_and_stop_once() -> None:
    reports: list[str] = []
    counting = Counting(4, lambda each: reports.append(each.report()))
    for _ in range(4):
        counting.many([event("a"), event("b")])
    (report,) = reports
    events, seconds, _ = report.split()
    assert events == "2"
    assert float(seconds) > 0


def test_without_the_peers_environment_our_own_contenders_run() -> None:
    assert [one.name for one in present(None)] == ["plain Faust", "Touchline's transport"]
    assert {one.needs for one in CONTENDERS} == {"", "bytewax", "quixstreams", "arroyo"}
