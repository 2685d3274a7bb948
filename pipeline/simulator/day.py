"""The plan of a day: who comes when, and what is under way when it begins."""

from collections.abc import Callable

from pipeline.simulator.people import Person
from pipeline.simulator.retailer import INCIDENT_LASTS, Order, Retailer
from pipeline.simulator.scenes import browsing, checkout, delivery, marketing, probes, store, stories, support
from pipeline.simulator.shapes import DAY, DESK_HOURS, HOUR, ONLINE_HOURS, STORE_HOURS, Hours, poisson

BACKLOG = 5 * DAY
"""How long before the simulation's start the earliest orders and tickets begin."""


def plan_days(retailer: Retailer, start: int) -> None:
    """Plan the days one after the other, so that only one day's plans are in memory."""

    def plan(time: int) -> None:
        _plan_day(retailer, time, min(time + DAY, retailer.world.end))
        retailer.world.plan(time + DAY, plan)

    retailer.world.plan(start, plan)


def open_business(retailer: Retailer, start: int) -> None:
    """Plan orders and tickets of the days before, as their systems report them: without the visits behind them."""
    policy = retailer.policy
    online = _hours(retailer, ONLINE_HOURS, start - BACKLOG, start)
    desk = _hours(retailer, DESK_HOURS, start - BACKLOG, start)
    for person in retailer.people:
        for _ in range(poisson(retailer.rng, policy.orders_in_backlog)):
            retailer.world.plan(online.sample(retailer.rng), _call(_earlier_order, retailer, person))
        for _ in range(poisson(retailer.rng, policy.tickets_in_backlog)):
            retailer.world.plan(desk.sample(retailer.rng), _call(_earlier_contact, retailer, person))
    if policy.stories:
        stories.plan_earlier(retailer, start)


def _plan_day(retailer: Retailer, start: int, end: int) -> None:
    rng, policy, world = retailer.rng, retailer.policy, retailer.world
    online, stores = (_hours(retailer, profile, start, end) for profile in (ONLINE_HOURS, STORE_HOURS))
    share = (end - start) / DAY
    begin = online.sample(rng)
    retailer.incidents = [*retailer.incidents[-1:], (begin, begin + INCIDENT_LASTS)]
    for person in retailer.people:
        for _ in range(poisson(rng, policy.visits_per_day * person.liveliness * share)):
            world.plan(online.sample(rng), _call(browsing.visit, retailer, person))
        for _ in range(poisson(rng, policy.store_visits_per_day * share)):
            world.plan(stores.sample(rng), _call(_to_the_store, retailer, person))
        if rng.random() < policy.newsletter_share * share:
            world.plan(start + int(rng.random() * (end - start) / 6), _call(_newsletter, retailer, person))
    for number in range(policy.probes_per_day):
        _plan_probe(retailer, online.sample(rng), number)
    if policy.stories:
        stories.plan_today(retailer, start, end)


def _to_the_store(retailer: Retailer, person: Person, time: int) -> None:
    if retailer.kiosks and retailer.happens(0.12):
        browsing.visit(retailer, person, time, retailer.rng.choice(retailer.kiosks))
    store.visit(retailer, person, time)


def _newsletter(retailer: Retailer, person: Person, time: int) -> None:
    marketing.newsletter(retailer, person, time, f"daily-{time // DAY}")


def _plan_probe(retailer: Retailer, time: int, number: int) -> None:
    retailer.world.plan(time, lambda now: probes.shop(retailer, now, number))


def _earlier_order(retailer: Retailer, person: Person, time: int) -> None:
    lines = [(retailer.assortment.pick(retailer.rng), 1)]
    contact = person.account or {"email": person.email}
    order = Order(retailer.number("o"), person, contact, lines, time, 0)
    order.promised_at = checkout.promise(retailer, order)
    checkout.announce(retailer, order)
    delivery.fulfil(retailer, order)


def _earlier_contact(retailer: Retailer, person: Person, time: int) -> None:
    support.contact(retailer, person, time, "earlier matter")


def _call(scene: Callable[[Retailer, Person, int], None], retailer: Retailer, person: Person) -> Callable[[int], None]:
    return lambda time: scene(retailer, person, time)


def _hours(retailer: Retailer, profile: tuple[int, ...], start: int, end: int) -> Hours:
    return Hours(profile, start, max(end, start + HOUR // 60), retailer.policy.utc_offset_hours)
