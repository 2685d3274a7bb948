"""The newsletter: sent, opened, followed, cancelled."""

from pipeline.simulator.people import Person
from pipeline.simulator.retailer import Retailer
from pipeline.simulator.scenes import browsing
from pipeline.simulator.scenes.visit import Visit
from pipeline.simulator.shapes import HOUR, MINUTE


def newsletter(retailer: Retailer, person: Person, time: int, campaign: str) -> None:
    """Send one message to one person and see what they do with it."""
    rng, world = retailer.rng, retailer.world
    address = {"email": person.email}
    world.emit(person.name, "marketing.message_sent", time, address, {"campaign": campaign})
    if not retailer.happens(0.3):
        return
    time += int(rng.expovariate(1 / (2 * HOUR))) + MINUTE
    world.emit(person.name, "marketing.message_opened", time, address, {"campaign": campaign})
    if retailer.happens(0.02):
        world.emit(person.name, "marketing.unsubscribed", time + MINUTE, address, {"campaign": campaign})
    elif retailer.happens(0.15):
        world.plan(time + MINUTE // 2, lambda now: follow(retailer, person, now, campaign))


def follow(retailer: Retailer, person: Person, time: int, campaign: str) -> None:
    """Click through to the shop: the click carries the browser's cookie together with the email address."""
    session = Visit(retailer, person, person.devices[0], time)
    identifiers = {**session.identifiers, "email": person.email}
    retailer.world.emit(person.name, "marketing.message_clicked", time, identifiers, {"campaign": campaign})
    session.time += 900
    session.page(f"/campaign/{campaign}", campaign)
    browsing.look_around(session)
