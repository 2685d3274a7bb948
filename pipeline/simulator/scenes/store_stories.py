"""Stories of the stores, and of the way between them and the shop."""

from pipeline.simulator.people import Person
from pipeline.simulator.retailer import Retailer
from pipeline.simulator.scenes import checkout, support
from pipeline.simulator.scenes.store import StoreVisit
from pipeline.simulator.scenes.visit import Visit
from pipeline.simulator.shapes import HOUR, MINUTE


def empty_shelf(retailer: Retailer, person: Person, time: int) -> None:
    """The article is not in the store; it is ordered online from the car park."""
    tour = StoreVisit(retailer, person, time)
    known = {**person.account, **tour.card} or {"receipt_id": tour.receipt_id}
    product = retailer.assortment.pick_from(retailer.rng, "kitchen")
    tour.emit("store.visit_started", known, store=tour.store)
    tour.wait(5)
    tour.emit("store.item_unavailable", known, product_id=product.product_id, store=tour.store)
    session = Visit(retailer, person, person.devices[-1], tour.time + 6 * MINUTE)
    session.sign_in()
    checkout.place(session, [(product, 1)])


def long_queue(retailer: Retailer, person: Person, time: int) -> None:
    """Eleven minutes in the queue, and home without the shopping; last week's lamp goes back."""
    tour = StoreVisit(retailer, person, time)
    known = {**person.account, **tour.card} or {"receipt_id": tour.receipt_id}
    tour.emit("store.visit_started", known, store=tour.store)
    lamp = retailer.assortment.pick_from(retailer.rng, "furniture")
    tour.bring_back(lamp, known)
    tour.wait(4)
    tour.emit("store.queue_joined", known, store=tour.store)
    tour.time += 11 * MINUTE
    tour.emit("store.queue_left", known, wait_seconds=660, served=False, store=tour.store)


def back_and_forth(retailer: Retailer, person: Person, time: int) -> None:
    """A warranty question goes from the help page to phone and chat in turn, five tickets an hour apart."""
    session = Visit(retailer, person, person.devices[0], time)
    session.sign_in()
    session.page("/help/warranty", "Warranty")
    for step, channel in enumerate(("phone", "chat", "phone", "chat", "phone")):
        asked_at = session.time + (step + 1) * HOUR
        who = {**person.account, **({"phone": person.phone} if channel == "phone" else {})}
        ticket = support.Ticket(retailer, person, retailer.number("t"), channel)
        ticket.emit("opened", asked_at, who or {"email": person.email}, topic="warranty", priority="normal")
        ticket.emit("replied", asked_at + MINUTE)
        ticket.emit("resolved", asked_at + 5 * MINUTE)
