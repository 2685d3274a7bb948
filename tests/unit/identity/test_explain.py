from collections.abc import Iterable

from pipeline.events.event import Event
from pipeline.identity.explain import Parting, PathEnd, SeenWith, Together, Verdict, compare, customers, explain
from pipeline.identity.mailbox import Mailbox
from pipeline.identity.policy import IdentityPolicy
from pipeline.identity.posting import post
from pipeline.identity.step import step
from tests.unit.identity.events import event

POLICY = IdentityPolicy(link_resolution_ms=10, shared_limit=2)


class Mailboxes:
    """All mailboxes of a set of events, delivered."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._found: dict[str, Mailbox] = {}
        mail = [message for found in events for message in post(found, POLICY)]
        while mail:
            message = mail.pop(0)
            mail += step(self(message.at), message, POLICY)

    def __call__(self, identifier: str) -> Mailbox:
        return self._found.setdefault(identifier, Mailbox(identifier))


def test_a_family_tablet_is_two_people_over_the_day() -> None:
    lookup = Mailboxes(
        [event("1", 20, "customer_id:ann", "device_id:t"), event("2", 50, "customer_id:bob", "device_id:t")]
    )
    found = [(period.since, period.until, period.customer) for period in customers("device_id:t", lookup, POLICY)]
    assert found == [(None, 50, "customer_id:ann"), (50, None, "customer_id:bob")]


def test_the_path_runs_through_every_owner() -> None:
    lookup = Mailboxes(
        [
            event("1", 20, "order_id:o", "parcel_id:p"),
            event("2", 10, "device_id:t", "order_id:o"),
            event("3", 0, "customer_id:ann", "device_id:t"),
            event("4", 30, "customer_id:bob", "device_id:t"),
        ]
    )
    (period,) = customers("parcel_id:p", lookup, POLICY)
    assert period.path[0] == "parcel_id:p"
    assert period.path[-1] == period.customer == "customer_id:ann"


def test_an_unknown_identifier_is_its_own_customer() -> None:
    (period,) = customers("email:nobody", Mailboxes([]), POLICY)
    assert (period.customer, period.path) == ("email:nobody", ("email:nobody",))


def test_links_tell_whether_an_event_showed_them_or_a_bridge() -> None:
    lookup = Mailboxes([event("1", 20, "email:e", "order_id:o"), event("2", 50, "customer_id:ann", "order_id:o")])
    assert explain("email:e", lookup, POLICY).links == (
        SeenWith("customer_id:ann", 20, 20, 1, direct=False, via=(("order_id:o",),)),
    )
    assert explain("order_id:o", lookup, POLICY).links == (
        SeenWith("email:e", 20, 20, 1, direct=True, via=()),
        SeenWith("customer_id:ann", 50, 50, 1, direct=True, via=()),
    )


def test_two_identifiers_of_one_customer_meet() -> None:
    lookup = Mailboxes([event("1", 0, "customer_id:ann", "email:e"), event("2", 10, "email:e", "anonymous_id:a")])
    found = compare("anonymous_id:a", "customer_id:ann", lookup, POLICY)
    assert found.verdict is Verdict.ALWAYS
    assert found.meets_at == "customer_id:ann"
    assert found.together == (Together(None, None, "customer_id:ann"),)


def test_two_devices_may_be_one_customer_for_a_while() -> None:
    lookup = Mailboxes(
        [
            event("1", 0, "customer_id:ann", "device_id:t"),
            event("2", 0, "customer_id:ann", "device_id:u"),
            event("3", 50, "customer_id:bob", "device_id:t"),
        ]
    )
    found = compare("device_id:t", "device_id:u", lookup, POLICY)
    assert found.verdict is Verdict.SOMETIMES
    assert found.together == (Together(None, 50, "customer_id:ann"),)


def test_strangers_part_where_their_paths_end() -> None:
    lookup = Mailboxes(
        [event(str(number), 0, f"customer_id:{number}", "device_id:kiosk") for number in range(3)]
        + [event("9", 0, "device_id:kiosk", "anonymous_id:a")]
    )
    found = compare("anonymous_id:a", "customer_id:1", lookup, POLICY)
    assert found.verdict is Verdict.NEVER
    assert found.meets_at == ""
    assert found.ends == (
        PathEnd("device_id:kiosk", Parting.SHARED),
        PathEnd("customer_id:1", Parting.UNLINKED),
    )
    assert found.first.shared is False
    assert explain("device_id:kiosk", lookup, POLICY).shared
