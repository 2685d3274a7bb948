"""A visit to a store: shelves, queues, tills and the returns desk."""

from pipeline.simulator.assortment import Product
from pipeline.simulator.event import Json
from pipeline.simulator.people import Person
from pipeline.simulator.retailer import Retailer
from pipeline.simulator.scenes import checkout, feedback
from pipeline.simulator.scenes.visit import Visit
from pipeline.simulator.shapes import HOUR, MINUTE, SECOND, lognormal


class StoreVisit:
    """A person in a store; the loyalty card, shown at the entrance or till, is all the store knows."""

    def __init__(self, retailer: Retailer, person: Person, time: int) -> None:
        self.retailer = retailer
        self.person = person
        self.time = time
        self.store = f"store-{retailer.rng.randrange(retailer.policy.stores):02d}"
        self.receipt_id = retailer.number("r")
        self.card = {"loyalty_id": person.loyalty_id} if person.loyalty_id else {}

    def emit(self, type_: str, identifiers: dict[str, str], **data: Json) -> None:
        """Send a store event, now."""
        self.retailer.world.emit(self.person.name, type_, self.time, identifiers, data, f"/stores/{self.store}")

    def bring_back(self, product: Product, identifiers: dict[str, str]) -> None:
        """Return something and get the money back."""
        price: dict[str, Json] = {"amount": product.price, "currency": self.retailer.policy.currency}
        self.emit("store.item_returned", identifiers, product_id=product.product_id, **price)

    def wait(self, median_minutes: float) -> None:
        """Let time pass."""
        self.time += int(lognormal(self.retailer.rng, median_minutes, 0.6) * MINUTE)


def visit(retailer: Retailer, person: Person, time: int) -> None:
    """Go to a store; without a loyalty card only the receipt is known."""
    tour = StoreVisit(retailer, person, time)
    known = tour.card or {"receipt_id": tour.receipt_id}
    tour.emit("store.visit_started", known, store=tour.store)
    tour.wait(8)
    if retailer.happens(0.12):
        tour.emit("store.assistance_requested", known, topic="advice")
        tour.wait(4)
    if retailer.happens(retailer.trouble.stockout):
        miss(tour, known)
    if retailer.happens(0.7) and queue(tour, known):
        buy(tour)


def miss(tour: StoreVisit, known: dict[str, str]) -> None:
    """The shelf is empty; a third of those with a card and an account order online in the next nine hours."""
    retailer, person = tour.retailer, tour.person
    product = retailer.assortment.pick(retailer.rng)
    tour.emit("store.item_unavailable", known, product_id=product.product_id, store=tour.store)
    tour.wait(3)
    if person.loyalty_id and person.customer_id and retailer.happens(0.35):

        def order_online(time: int) -> None:
            session = Visit(retailer, person, person.devices[0], time)
            session.sign_in()
            session.page(product.path, product.product_id)
            checkout.check_out(session, [(product, 1)], sure=True)

        retailer.world.plan(tour.time + int((1 + retailer.rng.random() * 8) * HOUR), order_online)


def queue(tour: StoreVisit, known: dict[str, str]) -> bool:
    """Wait at the till; returns whether they were served."""
    retailer, rng = tour.retailer, tour.retailer.rng
    tour.emit("store.queue_joined", known, store=tour.store)
    long = retailer.happens(retailer.trouble.long_queue)
    waited = lognormal(rng, 420 if long else 80, 0.4)
    served = not retailer.happens(retailer.trouble.left_queue * (3 if long else 1))
    tour.time += int(waited * SECOND)
    tour.emit("store.queue_left", known, wait_seconds=round(waited), served=served, store=tour.store)
    return served


def buy(tour: StoreVisit) -> None:
    """Pay at the till; some bring it back later, some rate the visit."""
    retailer, rng = tour.retailer, tour.retailer.rng
    lines = [(retailer.assortment.pick(rng), 1) for _ in range(1 + int(rng.expovariate(0.6)))]
    tour.wait(1)
    receipt = {"receipt_id": tour.receipt_id}
    tour.emit(
        "store.purchased",
        {**tour.card, **receipt},
        amount=checkout.amount(lines),
        currency=retailer.policy.currency,
        items=checkout.items(lines),
        store=tour.store,
    )
    if retailer.happens(0.08):
        feedback.survey(retailer, tour.person, tour.time, tour.card or receipt, unhappy=retailer.happens(0.2))
    if retailer.happens(retailer.trouble.returned):
        product = lines[0][0]
        tour.time += int((3 + rng.random() * 40) * HOUR)
        tour.bring_back(product, receipt)
