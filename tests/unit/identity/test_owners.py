import pytest

from pipeline.identity.links import Links
from pipeline.identity.owners import OwnerPeriod, Owners, bridges_by, owners_of, shared_by
from pipeline.identity.policy import IdentityPolicy, Namespace, NamespaceClass

POLICY = IdentityPolicy()


def links(*observations: tuple[str, int]) -> Links:
    found = Links()
    for target, time in observations:
        found.add(target, time, ())
    return found


def owners(identifier: str, found: Links) -> tuple[OwnerPeriod, ...]:
    return owners_of(identifier, found, POLICY).periods


def test_without_links_there_is_no_owner() -> None:
    assert owners("anonymous_id:a", Links()) == ()
    assert Owners(()).at(5) is None


def test_a_visitor_belongs_to_the_latest_log_in_and_before_the_first_to_the_first() -> None:
    found = owners_of("anonymous_id:a", links(("customer_id:2", 20), ("customer_id:1", 10)), POLICY)
    assert found.periods == (OwnerPeriod(None, "customer_id:1", None), OwnerPeriod(20, "customer_id:2", None))
    owner = {time: period.owner for time in (0, 10, 19, 20, 99) if (period := found.at(time)) is not None}
    assert owner == {
        0: "customer_id:1",
        10: "customer_id:1",
        19: "customer_id:1",
        20: "customer_id:2",
        99: "customer_id:2",
    }


def test_neighbouring_periods_of_one_owner_are_one_period() -> None:
    found = links(("customer_id:1", 10), ("customer_id:1", 20), ("customer_id:2", 30), ("customer_id:1", 40))
    assert [period.since for period in owners("anonymous_id:a", found)] == [None, 30, 40]


def test_at_the_same_time_the_higher_rank_wins_then_the_smaller_value() -> None:
    assert owners("anonymous_id:a", links(("email:a", 10), ("customer_id:9", 10)))[0].owner == "customer_id:9"
    assert owners("anonymous_id:a", links(("customer_id:2", 10), ("customer_id:1", 10)))[0].owner == "customer_id:1"


def test_a_loser_of_a_tie_still_does_not_own_a_moment() -> None:
    found = links(("customer_id:1", 10), ("email:a", 20), ("customer_id:1", 20))
    assert owners("anonymous_id:a", found) == (OwnerPeriod(None, "customer_id:1", None),)


def test_an_order_belongs_to_its_earliest_link_and_asks_it_about_that_time() -> None:
    found = links(("customer_id:2", 20), ("customer_id:1", 10), ("customer_id:1", 30))
    assert owners("order_id:o", found) == (OwnerPeriod(None, "customer_id:1", 10),)


def test_direct_links_hide_bridged_ones_from_persons_and_devices() -> None:
    found = links(("customer_id:1", 10))
    found.add("customer_id:2", 20, ("order_id:o",))
    assert owners("email:e", found) == (OwnerPeriod(None, "customer_id:1", None),)
    only_bridged = Links()
    only_bridged.add("customer_id:2", 20, ("order_id:o",))
    assert owners("email:e", only_bridged) == (OwnerPeriod(None, "customer_id:2", None),)


def test_an_order_looks_at_bridged_links_too() -> None:
    found = links(("email:e", 10))
    found.add("customer_id:2", 5, ("parcel_id:p",))
    assert owners("order_id:o", found) == (OwnerPeriod(None, "customer_id:2", 5),)


@pytest.mark.parametrize(
    ("identifier", "limit"), [("anonymous_id:kiosk", 5), ("phone:callcentre", 5), ("order_id:o", 10)]
)
def test_beyond_the_limit_an_identifier_belongs_to_nobody(identifier: str, limit: int) -> None:
    found = links(*((f"customer_id:{number}", number) for number in range(limit)))
    assert not shared_by(identifier, found, POLICY)
    assert owners(identifier, found)
    found.add("customer_id:0", 99, ())
    assert not shared_by(identifier, found, POLICY)
    found.add("customer_id:more", 99, ())
    assert shared_by(identifier, found, POLICY)
    assert owners(identifier, found) == ()


def test_bridged_links_share_a_phone_but_not_an_order() -> None:
    found = Links()
    for number in range(11):
        found.add(f"customer_id:{number}", number, ("ticket_id:t",))
    assert shared_by("phone:p", found, POLICY)
    assert not shared_by("order_id:o", found, POLICY)


def test_a_device_bridges_until_it_was_seen_with_two_of_a_kind() -> None:
    found = links(("customer_id:1", 10), ("email:a", 20))
    assert bridges_by("anonymous_id:a", found, POLICY)
    found.add("email:b", 30, ())
    assert not bridges_by("anonymous_id:a", found, POLICY)


def test_an_order_bridges_until_it_is_shared_and_a_person_never() -> None:
    found = links(*((f"customer_id:{number}", number) for number in range(10)))
    assert bridges_by("order_id:o", found, POLICY)
    assert not bridges_by("email:e", found, POLICY)
    found.add("customer_id:more", 1, ())
    assert not bridges_by("order_id:o", found, POLICY)


def test_classes_and_limits_come_from_the_policy() -> None:
    policy = IdentityPolicy(
        namespaces={"member": Namespace(NamespaceClass.PERSON, 2), "till": Namespace(NamespaceClass.TRANSACTION, 1)},
        shared_limit_transaction=1,
    )
    found = links(("member:1", 1))
    assert owners_of("till:7", found, policy).periods == (OwnerPeriod(None, "member:1", 1),)
    found.add("member:2", 2, ())
    assert owners_of("till:7", found, policy).periods == ()
