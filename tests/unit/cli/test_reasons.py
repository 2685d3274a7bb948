"""An identity in words."""

from pipeline.cli.reasons import identity_lines
from pipeline.identity.explain import CustomerPeriod, Identity, SeenWith

BELONG_TOGETHER = "  and links these to each other"


def order_seen_with(*targets: str) -> list[str]:
    links = tuple(SeenWith(target=target, direct=True, via=(), first=0, last=0, times=1) for target in targets)
    customers = (CustomerPeriod(since=None, until=None, customer=targets[0], path=("order_id:1", targets[0])),)
    order = Identity(identifier="order_id:1", shared=False, bridges=True, links=links, owners=(), customers=customers)
    return list(identity_lines(order, "order_id:1"))


def test_an_order_says_of_several_that_they_belong_together() -> None:
    assert BELONG_TOGETHER in order_seen_with("email:a", "phone:1")


def test_an_order_that_was_seen_with_one_says_nothing_of_others() -> None:
    assert order_seen_with("email:a") == [
        "order_id:1",
        "  seen with",
        "    email:a, in one event, from 1970-01-01 00:00, once",
        "  belongs to",
        "    email:a",
    ]
