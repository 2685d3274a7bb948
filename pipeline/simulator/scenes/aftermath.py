"""After the parcel: unpacking, using, returning, reviewing."""

from pipeline.simulator.assortment import Product
from pipeline.simulator.event import Json
from pipeline.simulator.people import Person
from pipeline.simulator.retailer import Order, Retailer
from pipeline.simulator.scenes import feedback, support
from pipeline.simulator.shapes import DAY, HOUR, MINUTE

FEATURES = ("pairing", "timer", "scene", "update", "voice")


def after_delivery(retailer: Retailer, order: Order, parcel_id: str, time: int, *, unhappy: bool) -> None:
    """Plan what people do with what they received."""
    rng, person = retailer.rng, order.person
    feedback.plan_review(retailer, order, time + int((0.5 + rng.random() * 40) * HOUR), unhappy=unhappy)
    if unhappy:
        support.plan(retailer, person, time + int(rng.random() * 5 * HOUR), "complaint", order, chance=0.2)
    if retailer.happens(retailer.trouble.returned * (3 if unhappy else 1)):
        collected_at = time + int((2 + rng.random() * 60) * HOUR)
        identifiers = {"parcel_id": parcel_id, "order_id": order.order_id}
        retailer.world.emit(person.name, "delivery.return_collected", collected_at, identifiers)
        return
    for product, _ in order.lines:
        if product.smart:
            use(retailer, person, product, time + int((0.2 + rng.random() * 3) * HOUR))


def use(retailer: Retailer, person: Person, product: Product, time: int) -> None:
    """A device at home reports its activation, its use and, now and then, an error."""
    rng, world = retailer.rng, retailer.world
    about: dict[str, Json] = {"product_id": product.product_id}
    gadget = {"device_id": f"g-{rng.getrandbits(48):012x}"}
    world.emit(person.name, "product.activated", time, {**gadget, **person.account}, dict(about))
    if retailer.happens(0.4):
        owner = person.account or {"email": person.email}
        world.emit(person.name, "product.warranty_registered", time + 6 * MINUTE, {**gadget, **owner}, dict(about))
    for _ in range(1 + rng.randrange(5)):
        time += int(rng.expovariate(1 / (3 * HOUR)))
        world.emit(person.name, "product.feature_used", time, gadget, {**about, "feature": rng.choice(FEATURES)})
    if retailer.happens(0.08):
        world.emit(person.name, "product.error_reported", time + MINUTE, gadget, {**about, "message": "E42"})
        support.plan(retailer, person, time + int(rng.random() * DAY / 4), "device fault", None, chance=0.4)
