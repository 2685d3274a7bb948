import pytest

from agents.ownership import Membership, Ownership


def settle(ownership: Ownership) -> tuple[set[int], set[int]]:
    """Carry out what is due; returns what was lost and gained."""
    handover = ownership.handover()
    if handover is None:
        return set(), set()
    ownership.carried_out(handover)
    return set(handover.lost), set(handover.gained)


def test_a_first_assignment_is_taken_over_whole() -> None:
    ownership = Ownership()
    assert ownership.handover() is None
    ownership.assigned({1, 2}, Membership("me", 0))
    assert not ownership.owns(1)
    assert settle(ownership) == (set(), {1, 2})
    assert ownership.owns(1)
    assert not ownership.owns(3)
    assert ownership.handover() is None


def test_what_stays_from_one_generation_to_the_next_is_kept() -> None:
    ownership = Ownership()
    ownership.assigned({1, 2}, Membership("me", 4))
    settle(ownership)
    ownership.revoked()
    ownership.assigned({2, 3}, Membership("me", 5))
    assert settle(ownership) == ({1}, {3})


def test_after_a_generation_without_this_worker_nothing_is_kept() -> None:
    ownership = Ownership()
    ownership.assigned({1, 2}, Membership("me", 4))
    settle(ownership)
    ownership.revoked()
    ownership.assigned({1, 2}, Membership("me", 6))
    assert settle(ownership) == ({1, 2}, {1, 2})


def test_a_group_that_starts_anew_keeps_nothing() -> None:
    ownership = Ownership()
    ownership.assigned({1}, Membership("me", 4))
    settle(ownership)
    ownership.assigned({1}, Membership("me", 0))
    assert settle(ownership) == ({1}, {1})


def test_a_lost_group_that_counts_to_the_same_generation_is_another_one() -> None:
    ownership = Ownership()
    ownership.assigned({1}, Membership("me", 1))
    settle(ownership)
    ownership.revoked()
    ownership.assigned({1, 2}, Membership("me again", 1))
    assert ownership.waits_for == "taking partitions over"
    assert not ownership.settled
    assert settle(ownership) == ({1}, {1, 2})
    assert ownership.owns(2)


@pytest.mark.parametrize("member", ["me again", ""])
def test_another_member_keeps_nothing_though_the_generation_seems_to_follow(member: str) -> None:
    ownership = Ownership()
    ownership.assigned({1}, Membership("me", 4))
    settle(ownership)
    ownership.revoked()
    ownership.assigned({1}, Membership(member, 5))
    assert settle(ownership) == ({1}, {1})


def test_memberships_that_were_lost_at_once_do_not_follow_each_other() -> None:
    assert not Membership("", 5).follows(Membership("", 4))


def test_between_revocation_and_assignment_nothing_is_owned_nor_given_up() -> None:
    ownership = Ownership()
    ownership.assigned({1}, Membership("me", 1))
    settle(ownership)
    ownership.revoked()
    assert not ownership.owns(1)
    assert not ownership.settled
    assert ownership.handover() is None


def test_an_empty_assignment_gives_everything_up() -> None:
    ownership = Ownership()
    ownership.assigned({1}, Membership("me", 1))
    settle(ownership)
    ownership.assigned((), Membership("me", 2))
    assert settle(ownership) == ({1}, set())
    assert not ownership.settled


def test_an_assignment_that_comes_during_a_handover_is_not_lost() -> None:
    ownership = Ownership()
    ownership.assigned({1, 2}, Membership("me", 1))
    handover = ownership.handover()
    assert handover is not None
    ownership.assigned({2, 3}, Membership("me", 2))
    ownership.carried_out(handover)
    assert not ownership.owns(3)
    assert ownership.owns(2)
    assert settle(ownership) == ({1}, {3})
    assert ownership.owns(3)


def test_what_was_given_up_is_not_owned_even_if_the_handover_is_never_carried_out() -> None:
    ownership = Ownership()
    ownership.assigned({1, 2}, Membership("me", 4))
    settle(ownership)
    ownership.revoked()
    ownership.assigned({1, 2}, Membership("me", 7))
    handover = ownership.handover()
    assert handover is not None
    ownership.given_up(handover.lost)
    assert not ownership.owns(1)
    assert not ownership.settled
