"""Compare a network in which no mail is left with the offline answer."""

from itertools import pairwise
from random import Random

from pipeline.identity.mailbox import decode_state
from pipeline.identity.policy import IdentityPolicy
from pipeline.identity.timeline import is_shared, owner, timeline
from tests.property.identity.network import CirclingError, Network
from tests.property.identity.oracle import Oracle
from tests.property.identity.scenarios import event_set, policy_of


def agrees(seed: int, *, calm: bool = False, resumes: bool = True) -> bool:
    """Whether the network places every event of a random set where the definitions place it."""
    random = Random(seed)
    policy = policy_of(random)
    events = event_set(random)
    network = Network(random, policy, calm=calm, resumes=resumes)
    try:
        network.run(events)
    except CirclingError:
        return False
    return network.placed() == Oracle(events, policy).placed()


def check(network: Network, oracle: Oracle, policy: IdentityPolicy) -> None:
    """Assert that the store fully agrees with the oracle, and memory with the store."""
    assert network.placed() == oracle.placed()
    for identifier in oracle.identifiers():
        _check_timeline(network, oracle, identifier, policy)
    for worker in network.workers:
        for identifier, mailbox in worker.cache.items():
            stored = {key: row.event for key, row in network.touches_of(identifier).items()}
            assert {key: touch.event for key, touch in mailbox.kept.items()} == stored


def _check_timeline(network: Network, oracle: Oracle, identifier: str, policy: IdentityPolicy) -> None:
    mailbox = decode_state(identifier, network.mailboxes.get(identifier) or b"")
    assert is_shared(mailbox, policy) == oracle.shared(identifier)
    periods = timeline(mailbox, policy)
    moments = {time for _, time in oracle.links(identifier)} | {event.time for event in oracle.events}
    for moment in {*moments, *(time - 1 for time in moments)}:
        period = owner(mailbox, moment, policy)
        expected = oracle.owner(identifier, moment)
        assert (None if period is None else period.owner) == (expected and expected[0])
        if period is not None and period.as_of is not None:
            assert expected is not None
            assert period.as_of == expected[1]
    # No two neighbouring periods have the same owner, so the timeline does not depend on the order of arrival.
    assert all(first.owner != second.owner for first, second in pairwise(periods))
    assert [period.since is None for period in periods] == [index == 0 for index in range(len(periods))]
