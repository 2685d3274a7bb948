"""Simulated days of a retailer, as one stream of events in order of arrival."""

from collections.abc import Iterator
from random import Random
from typing import Final

from pipeline.simulator.assortment import Assortment
from pipeline.simulator.day import open_business, plan_days
from pipeline.simulator.event import SimulatedEvent
from pipeline.simulator.people import Device, new_cookie, population
from pipeline.simulator.policy import RetailerPolicy
from pipeline.simulator.retailer import Retailer
from pipeline.simulator.shapes import DAY
from pipeline.simulator.world import World

FEWEST_KIOSKS: Final = 3
PEOPLE_PER_KIOSK: Final = 500
"""A large retailer has more kiosks, not busier ones: anonymous visits stay with a kiosk and would add up endlessly."""


def simulate(
    seed: int,
    people: int,
    start_ms: int,
    duration_ms: int = DAY,
    policy: RetailerPolicy | None = None,
) -> Iterator[SimulatedEvent]:
    """Simulate a retailer from `start_ms` (milliseconds since the epoch, UTC) for `duration_ms`.

    The same arguments give the same events in every process. People and articles depend on the seed alone, so another
    day with the same seed is another day of the same people. Business that is under way when the window opens (orders
    on their way, open tickets) comes first, with its own earlier times; nothing happens at or after the end.
    """
    policy = policy or RetailerPolicy()
    nature = Random(f"people of {seed}")  # noqa: S311 - reproducible on purpose
    chance = Random(f"events of {seed} from {start_ms}")  # noqa: S311 - reproducible on purpose
    retailer = Retailer(
        world=World(chance, start_ms + duration_ms, policy.disorder),
        policy=policy,
        assortment=Assortment(nature, policy.products),
        people=population(nature, people, policy),
        kiosks=[
            Device("kiosk", new_cookie(nature), f"d-{nature.getrandbits(64):016x}")
            for _ in range(max(FEWEST_KIOSKS, people // PEOPLE_PER_KIOSK))
        ],
    )
    open_business(retailer, start_ms)
    plan_days(retailer, start_ms)
    return retailer.world.run()
