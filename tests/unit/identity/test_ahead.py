"""Only touches on their way up may be delivered ahead."""

import pytest

from pipeline.identity.ahead import may_go_ahead
from pipeline.identity.messages import Dissolve, Hop, Link, Message, Recall, Touch
from pipeline.identity.policy import IdentityPolicy, UnknownNamespaceError
from tests.unit.identity.events import event

DEVICE, EMAIL, ANN = "anonymous_id:a", "email:e", "customer_id:ann"


def touch(at: str, *route: Hop) -> Touch:
    return Touch(at, event("1", 5, DEVICE), 5, route)


@pytest.mark.parametrize(
    ("message", "sender", "goes"),
    [
        (touch(ANN, Hop(DEVICE, 5, 1)), DEVICE, True),
        (touch(EMAIL, Hop(DEVICE, 5, 1)), DEVICE, True),
        (touch(DEVICE), ANN, False),
        (Link(EMAIL, ANN, 5, (DEVICE,)), DEVICE, False),
        (Recall(ANN, DEVICE, 2), DEVICE, False),
        (Dissolve(ANN, DEVICE), DEVICE, False),
    ],
)
def test_only_touches_on_their_way_up_go_ahead(message: Message, sender: str, *, goes: bool) -> None:
    assert may_go_ahead(message, sender, IdentityPolicy()) is goes


def test_a_namespace_that_is_not_configured_has_no_rank() -> None:
    with pytest.raises(UnknownNamespaceError):
        may_go_ahead(touch("badge:1", Hop(DEVICE, 5, 1)), DEVICE, IdentityPolicy())
