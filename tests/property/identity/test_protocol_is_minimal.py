"""Every part of the protocol is needed: without it, some events end at the wrong customer."""

import pytest

from tests.property.identity.check import agrees
from tests.property.identity.mutants import MUTANTS, mutated

SEEDS: dict[str, tuple[int, ...]] = {
    "touches that arrive after their recall are not bounced": (17, 52, 54),
    "recalled touches that are kept are not returned": (2, 8, 9),
    "no dissolve when bridging ends": (2, 13, 15),
    "transactions do not pass a dissolve on": (127, 303, 725),
    "links over dissolved bridges are taken": (87, 134, 794),
    "no recall when the owners change": (2, 8, 9),
    "recalls name only the beginning of what changed": (12, 85, 99),
    "of recalls of different moments only the latest is marked": (987, 1057, 3548),
    "recalls are not passed on": (2, 17, 40),
    "what is held is not routed again": (0, 2, 3),
    "what was loaded is not routed again": (108, 280, 286),
    "a transaction's owner is asked about the event's time": (116, 208, 239),
    "copies that do not count are forgotten": (609, 852, 1166),
    "what was delivered ahead in another tenure is not taken": (278, 682, 874),
    "links are delivered ahead, too": (244, 1663, 1676),
}
"""Random networks that show it; `python -m tests.property.identity.runner --mutants` finds them."""


@pytest.mark.parametrize("mutant", MUTANTS)
def test_without_this_part_events_go_astray(mutant: str) -> None:
    for seed in SEEDS[mutant]:
        with mutated(mutant):
            assert not agrees(seed)


@pytest.mark.parametrize("mutant", MUTANTS)
def test_with_it_they_do_not(mutant: str) -> None:
    for seed in SEEDS[mutant]:
        assert agrees(seed)
