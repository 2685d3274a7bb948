"""Stories told at least once a day, so that every friction occurs: the melted ice cream, the passed-on call."""

from collections.abc import Callable

from pipeline.simulator.people import Person
from pipeline.simulator.retailer import Retailer
from pipeline.simulator.scenes import store_stories, support_stories, transit_stories, web_stories
from pipeline.simulator.shapes import DAY, HOUR

Story = Callable[[Retailer, Person, int], None]

TODAY: tuple[tuple[Story, float], ...] = (
    (web_stories.broken_campaign, 0.36),
    (web_stories.dead_checkout, 0.44),
    (web_stories.endless_form, 0.50),
    (web_stories.lost_in_help, 0.55),
    (store_stories.empty_shelf, 0.42),
    (store_stories.long_queue, 0.48),
    (store_stories.back_and_forth, 0.35),
    (transit_stories.melted_ice_cream, 0.30),
    (support_stories.passed_around, 0.40),
    (support_stories.again_and_again, 0.38),
)
"""Stories with the part of the day at which they begin."""

EARLIER: tuple[tuple[Story, int], ...] = (
    (transit_stories.parcel_that_stood_still, 100 * HOUR),
    (transit_stories.lost_parcel, 60 * HOUR),
    (support_stories.forgotten_ticket, 80 * HOUR),
)
"""Stories that began before the simulated window, with how long before."""


def plan_today(retailer: Retailer, start: int, end: int) -> None:
    """Plan one telling of each story of the day, with the times scaled to a shorter window."""
    for story, part in TODAY:
        _plan(retailer, story, start + int(part * min(end - start, DAY)))


def plan_earlier(retailer: Retailer, start: int) -> None:
    """Plan the stories that are under way when the window opens."""
    for story, before in EARLIER:
        _plan(retailer, story, start - before)


def _plan(retailer: Retailer, story: Story, time: int) -> None:
    customers = [person for person in retailer.people if person.customer_id] or retailer.people
    if customers:
        person = retailer.rng.choice(customers)
        retailer.world.plan(time, lambda now: story(retailer, person, now))
