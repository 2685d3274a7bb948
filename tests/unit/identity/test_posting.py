from pipeline.identity.messages import Link, Touch
from pipeline.identity.policy import IdentityPolicy
from pipeline.identity.posting import post
from tests.unit.identity.events import event


def test_an_event_goes_to_its_address_and_links_its_other_identifiers() -> None:
    found = event("1", 601_234, "customer_id:42", "email:e", "anonymous_id:a")
    assert post(found, IdentityPolicy()) == [
        Touch("customer_id:42", found, 601_234, ()),
        Link("email:e", "customer_id:42", 600_000),
        Link("anonymous_id:a", "customer_id:42", 600_000),
    ]


def test_times_before_the_epoch_are_rounded_down_too() -> None:
    _, link = post(event("1", -1, "customer_id:42", "email:e"), IdentityPolicy())
    assert link == Link("email:e", "customer_id:42", -300_000)


def test_one_identifier_shows_no_link() -> None:
    assert len(post(event("1", 0, "anonymous_id:a"), IdentityPolicy())) == 1
