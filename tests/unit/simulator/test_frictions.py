"""Whether the simulated retailer shows every friction there is, to the all-knowing and to the stitched eye."""

from collections import Counter, defaultdict

import pytest

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.location import schema_directories
from pipeline.events.event import Event
from pipeline.journeys.fold import fold
from pipeline.journeys.rules import Rules
from pipeline.simulator.shapes import DAY
from pipeline.simulator.simulate import simulate
from tests.offline import accept, stitch

START = 1_772_323_200_000
Groups = dict[str, list[Event]]


def day_of(people: int) -> list[tuple[str, Event]]:
    """The accepted events of a day, each with the person behind it."""
    day = list(simulate(1, people, START))
    accepted = accept((simulated.event for simulated in day), START + DAY)
    return [(simulated.person, event) for simulated, event in zip(day, accepted, strict=True)]


def kinds(groups: Groups) -> set[str]:
    """The frictions that folding shows at the end of the day."""
    rules, touchpoints = Rules.of(), Catalogue.load(schema_directories()).touchpoints
    folded = [fold(name, events, START + DAY, touchpoints, rules) for name, events in groups.items()]
    return {friction.kind for one in folded for friction in one.frictions}


@pytest.mark.parametrize("people", [60, 800])
def test_every_friction_occurs_in_a_day(people: int) -> None:
    day = day_of(people)
    truth: Groups = defaultdict(list)
    for person, event in day:
        truth[person].append(event)
    every = set(Rules.of().detectors.kinds)
    assert every <= kinds(truth)
    assert every <= kinds(stitch(event for _, event in day))


def test_stitching_puts_nearly_all_events_with_one_person_and_mostly_in_one_place() -> None:
    day = day_of(800)
    person_of = {event.key: person for person, event in day}
    customers = stitch(event for _, event in day)
    pure = sum(len(events) for events in customers.values() if len({person_of[event.key] for event in events}) == 1)
    assert pure > 0.95 * len(day)
    places: dict[str, Counter[str]] = defaultdict(Counter)
    for customer, events in customers.items():
        for event in events:
            places[person_of[event.key]][customer] += 1
    assert sum(max(place.values()) for place in places.values()) > 0.85 * len(day)
