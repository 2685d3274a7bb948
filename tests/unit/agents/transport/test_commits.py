import pytest

from agents.transport.commits import Hole, PrefixCommits, Stale, Ticket


def delivered(commits: PrefixCommits[str], start: int, end: int, assignment: int = 1, partition: str = "p") -> Ticket:
    ticket = commits.deliver(partition, assignment, start, end)
    assert isinstance(ticket, Ticket)
    return ticket


def test_commits_the_acknowledged_prefix_and_no_more() -> None:
    commits: PrefixCommits[str] = PrefixCommits()
    first, second, third = delivered(commits, 0, 10), delivered(commits, 10, 25), delivered(commits, 25, 30)
    assert commits.acknowledge("p", third)
    assert commits.committable("p") is None
    assert commits.acknowledge("p", first)
    assert commits.committable("p") == 10
    assert commits.acknowledge("p", second)
    assert commits.committable("p") == 30


def test_positions_may_jump_inside_a_batch() -> None:
    commits: PrefixCommits[str] = PrefixCommits()
    compacted = delivered(commits, 0, 1_000)
    following = delivered(commits, 1_000, 1_003)
    commits.acknowledge("p", compacted)
    commits.acknowledge("p", following)
    assert commits.committable("p") == 1_003


def test_a_batch_that_does_not_follow_is_a_hole() -> None:
    commits: PrefixCommits[str] = PrefixCommits()
    delivered(commits, 0, 10)
    assert commits.deliver("p", 1, 20, 30) == Hole(10)
    delivered(commits, 10, 20)


def test_a_hole_that_the_broker_cannot_fill_is_skipped_on_request() -> None:
    commits: PrefixCommits[str] = PrefixCommits()
    first = delivered(commits, 0, 10)
    commits.skip_to("p", 20)
    second = delivered(commits, 20, 30)
    commits.acknowledge("p", second)
    assert commits.committable("p") is None
    commits.acknowledge("p", first)
    assert commits.committable("p") == 30


def test_reading_again_voids_what_was_in_flight() -> None:
    commits: PrefixCommits[str] = PrefixCommits()
    before = delivered(commits, 0, 10)
    again = delivered(commits, 0, 7)
    assert not commits.acknowledge("p", before)
    assert commits.acknowledge("p", again)
    assert commits.committable("p") == 7


def test_a_seek_names_the_next_position() -> None:
    commits: PrefixCommits[str] = PrefixCommits()
    delivered(commits, 0, 10)
    commits.rewind("p", 4)
    assert commits.deliver("p", 1, 10, 20) == Hole(4)
    delivered(commits, 4, 10)


def test_a_seek_into_a_batch_in_hand_leaves_the_part_before_to_it() -> None:
    commits: PrefixCommits[str] = PrefixCommits()
    in_hand = delivered(commits, 0, 10)
    commits.rewind("p", 4)
    again = delivered(commits, 4, 12)
    assert commits.acknowledge("p", again)
    assert commits.committable("p") is None
    assert commits.acknowledge("p", in_hand)
    assert commits.committable("p") == 12


@pytest.mark.parametrize("start", [10, 15])
def test_what_is_in_hand_when_the_log_goes_back_still_holds_commits_back(start: int) -> None:
    commits: PrefixCommits[str] = PrefixCommits()
    first, second = delivered(commits, 0, 10), delivered(commits, 10, 20)
    again = delivered(commits, start, 30)
    commits.acknowledge("p", again)
    assert commits.committable("p") is None
    assert commits.acknowledge("p", first)
    commits.acknowledge("p", second)
    assert commits.committable("p") == 30


def test_a_log_that_begins_anew_is_committed_anew() -> None:
    commits: PrefixCommits[str] = PrefixCommits()
    commits.acknowledge("p", delivered(commits, 900, 1_000))
    commits.committed("p", 1_000)
    commits.acknowledge("p", delivered(commits, 0, 3))
    assert commits.committable("p") == 3


def test_a_seek_to_nowhere_asks_for_the_first_unacknowledged_batch_again() -> None:
    commits: PrefixCommits[str] = PrefixCommits()
    first = delivered(commits, 0, 10)
    delivered(commits, 10, 20)
    commits.acknowledge("p", first)
    commits.rewind("p", None)
    assert commits.deliver("p", 1, 20, 30) == Hole(10)


def test_a_seek_of_an_unknown_partition_to_nowhere_accepts_any_start() -> None:
    commits: PrefixCommits[str] = PrefixCommits()
    commits.rewind("p", None)
    delivered(commits, 17, 20)


def test_what_was_fetched_before_a_revocation_is_stale() -> None:
    commits: PrefixCommits[str] = PrefixCommits()
    ticket = delivered(commits, 0, 10, assignment=3)
    commits.revoke(["p"], 3)
    assert commits.deliver("p", 3, 10, 20) == Stale()
    assert not commits.acknowledge("p", ticket)
    assert commits.committable("p") is None


def test_a_later_assignment_starts_where_the_broker_says() -> None:
    commits: PrefixCommits[str] = PrefixCommits()
    delivered(commits, 0, 10, assignment=1)
    ticket = delivered(commits, 500, 510, assignment=2)
    commits.acknowledge("p", ticket)
    assert commits.committable("p") == 510


def test_a_ticket_counts_once() -> None:
    commits: PrefixCommits[str] = PrefixCommits()
    ticket = delivered(commits, 0, 10)
    assert commits.acknowledge("p", ticket)
    assert not commits.acknowledge("p", ticket)


def test_a_commit_is_not_repeated() -> None:
    commits: PrefixCommits[str] = PrefixCommits()
    commits.acknowledge("p", delivered(commits, 0, 10))
    commits.committed("p", 10)
    assert commits.committable("p") is None
    commits.acknowledge("p", delivered(commits, 10, 11))
    assert commits.committable("p") == 11


def test_partitions_are_independent() -> None:
    commits: PrefixCommits[str] = PrefixCommits()
    delivered(commits, 0, 10, partition="p")
    other = delivered(commits, 5, 6, partition="q")
    commits.acknowledge("q", other)
    assert commits.committable("q") == 6
    assert commits.committable("p") is None
    commits.revoke(["q"], 0)
    assert commits.partitions() == ["p"]


def test_done_until_is_where_the_first_unacknowledged_batch_starts() -> None:
    commits: PrefixCommits[str] = PrefixCommits()
    assert commits.done_until("p") is None
    first, second = delivered(commits, 3, 10), delivered(commits, 10, 20)
    assert (commits.done_until("p"), commits.in_flight("p")) == (3, 2)
    commits.acknowledge("p", second)
    assert (commits.done_until("p"), commits.in_flight("p")) == (3, 2)
    commits.acknowledge("p", first)
    assert (commits.done_until("p"), commits.in_flight("p")) == (20, 0)


def test_what_is_in_hand_when_a_hole_is_mended_still_holds_commits_back() -> None:
    commits: PrefixCommits[str] = PrefixCommits()
    in_hand = commits.deliver("p", 1, 0, 2)
    assert isinstance(in_hand, Ticket)
    assert commits.deliver("p", 1, 3, 4) == Hole(2)
    commits.rewind("p", 2)
    again = commits.deliver("p", 1, 2, 4)
    assert isinstance(again, Ticket)
    assert commits.acknowledge("p", again)
    assert commits.committable("p") is None
    assert commits.acknowledge("p", in_hand)
    assert commits.committable("p") == 4
