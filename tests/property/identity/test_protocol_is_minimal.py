"""Every part of the protocol is needed: without it, some events end at the wrong customer."""

import pytest

from tests.property.identity.check import agrees
from tests.property.identity.mutants import MUTANTS, mutated

SEEDS = {
    "touches that arrive after their recall are not bounced": (17, 36, 40),
    "recalled touches that are kept are not returned": (0, 2, 8),
    "no dissolve when bridging ends": (2, 14, 15),
    "transactions do not pass a dissolve on": (54, 257, 286),
    "links over dissolved bridges are taken": (172, 213, 234),
    "no recall when the owners change": (0, 2, 8),
    "recalls are not passed on": (0, 2, 12),
    "what is held is not routed again": (0, 2, 4),
    "what was loaded is not routed again": (55, 57, 77),
    "a transaction's owner is asked about the event's time": (116, 208, 239),
    "copies that do not count are forgotten": (609, 852, 1601),
}
"""Random networks that show it; found by `python -m tests.property.identity.runner --mutants`."""


@pytest.mark.parametrize("mutant", MUTANTS)
def test_without_this_part_events_go_astray(mutant: str) -> None:
    for seed in SEEDS[mutant]:
        with mutated(mutant):
            assert not agrees(seed)


@pytest.mark.parametrize("mutant", MUTANTS)
def test_with_it_they_do_not(mutant: str) -> None:
    for seed in SEEDS[mutant]:
        assert agrees(seed)
