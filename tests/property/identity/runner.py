"""Run random cases for as long as you like: `python -m tests.property.identity.runner --minutes 5 [--seed 0]`.

With `--mutants`, look for cases that fail without each part of the protocol.
"""

import argparse
import sys
import time
from itertools import islice
from random import Random

from tests.property.identity.check import agrees, check
from tests.property.identity.mutants import MUTANTS, mutated
from tests.property.identity.network import Network
from tests.property.identity.oracle import Oracle
from tests.property.identity.scenarios import event_set, policy_of


def case(seed: int) -> None:
    """Check one random set of events in one random network."""
    random = Random(seed)
    policy = policy_of(random)
    events = event_set(random, largest=random.choice((8, 24, 24, 60)))
    network = Network(random, policy)
    network.run(events)
    check(network, Oracle(events, policy), policy)


def show_mutants(wanted: int = 3, largest: int = 20_000) -> None:
    """Print the first seeds for which each mutant goes wrong."""
    for mutant in MUTANTS:
        with mutated(mutant):
            seeds = list(islice((seed for seed in range(largest) if not agrees(seed)), wanted))
        print(f"{mutant}: {seeds}", flush=True)


def run(first: int, minutes: float) -> int:
    """Print the seeds that fail; returns the exit status."""
    end = time.monotonic() + minutes * 60
    seed, failed = first, 0
    while time.monotonic() < end:
        try:
            case(seed)
        except AssertionError as error:
            failed += 1
            print(f"seed {seed} fails: {error}", flush=True)
        seed += 1
    print(f"{seed - first} cases, {failed} failed")
    return 1 if failed else 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    parser.add_argument("--mutants", action="store_true")
    arguments = parser.parse_args()
    if arguments.mutants:
        show_mutants()
        return 0
    return run(arguments.seed, arguments.minutes)


if __name__ == "__main__":
    sys.exit(main())
