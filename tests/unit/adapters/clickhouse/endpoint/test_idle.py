"""Sessions that wait for the next request."""

import pytest

from pipeline.adapters.clickhouse.endpoint.failures import FailedInserts
from pipeline.adapters.clickhouse.endpoint.idle import IdleSessions
from pipeline.adapters.clickhouse.endpoint.session import Kind, Session

ONE: Kind = ("one", frozenset({("max_threads", "1")}))
OTHER: Kind = ("one", frozenset({("max_threads", "2")}))


class Handle:
    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


def session(kind: Kind) -> tuple[Session, Handle]:
    handle = Handle()
    made = Session(handle, FailedInserts())
    made.kind = kind
    return made, handle


def test_a_session_is_given_to_one_who_wants_its_kind_and_to_one_only() -> None:
    idle = IdleSessions()
    (one, _), (other, _) = session(ONE), session(OTHER)
    idle.keep(one)
    idle.keep(other)
    assert idle.take(ONE) is one
    assert idle.take(ONE) is None
    assert idle.take(OTHER) is other


@pytest.mark.parametrize("number", [3, 40])
def test_few_are_kept_and_the_others_closed(number: int) -> None:
    idle = IdleSessions()
    made = [session((str(place), frozenset())) for place in range(number)]
    for kept, _ in made:
        idle.keep(kept)
    closed = [handle.closed for _, handle in made]
    assert closed == sorted(closed, reverse=True), "those that waited longest"
    assert closed.count(False) == min(number, 16)
    idle.close()
    assert all(handle.closed for _, handle in made)
    assert idle.take(("0", frozenset())) is None
