"""Stories of parcels."""

from pipeline.simulator.people import Person
from pipeline.simulator.retailer import Order, Retailer
from pipeline.simulator.scenes import checkout, delivery, feedback, support
from pipeline.simulator.shapes import DAY, HOUR, MINUTE


def melted_ice_cream(retailer: Retailer, person: Person, time: int) -> None:
    """Ice cream, promised within four hours, comes five hours late, warm, in a soaked box; the customer had asked."""
    parcel = _ordered(retailer, person, time, "frozen", time + 4 * HOUR)
    order = parcel.order
    shipped_at = time + HOUR
    parcel.emit(
        "delivery.parcel_shipped",
        shipped_at,
        with_order=True,
        carrier=parcel.carrier,
        promised_at=delivery.promise_text(order),
        range={"min_celsius": -30, "max_celsius": -18},
    )
    for hour, celsius in enumerate((-22.0, -21.4, -19.1, -12.6, -4.0, 1.5, 3.2)):
        reading_at = shipped_at + hour * HOUR
        parcel.emit("delivery.temperature_read", reading_at, celsius=celsius, min_celsius=-30, max_celsius=-18)
    _ask(retailer, order, time + 6 * HOUR)
    delivered_at = time + 9 * HOUR
    parcel.emit("delivery.attempt_failed", delivered_at - 2 * HOUR, reason="wrong_address")
    parcel.emit("delivery.damaged", delivered_at - MINUTE, description="melted, box soaked")
    parcel.emit("delivery.delivered", delivered_at)
    retailer.world.plan(delivered_at + HOUR, lambda now: feedback.review(retailer, order, now, 1))


def parcel_that_stood_still(retailer: Retailer, person: Person, time: int) -> None:
    """Shipped, then four days of silence and two new promises; it arrives on the fifth day."""
    parcel = _ordered(retailer, person, time, "toys", (time // DAY + 2) * DAY - 1)
    shipped_at = time + 3 * HOUR
    parcel.emit(
        "delivery.parcel_shipped",
        shipped_at,
        with_order=True,
        carrier=parcel.carrier,
        promised_at=delivery.promise_text(parcel.order),
    )
    delivery.move_promise(parcel, shipped_at, shipped_at + 3 * DAY)
    _ask(retailer, parcel.order, shipped_at + 98 * HOUR)
    delivered_at = shipped_at + 105 * HOUR
    parcel.emit("delivery.scanned", delivered_at - 2 * HOUR, location="hub-central", status="in_transit")
    parcel.emit("delivery.delivered", delivered_at)


def lost_parcel(retailer: Retailer, person: Person, time: int) -> None:
    """The carrier has to admit that it lost the parcel."""
    parcel = _ordered(retailer, person, time, "fashion", (time // DAY + 3) * DAY - 1)
    parcel.emit(
        "delivery.parcel_shipped",
        time + 5 * HOUR,
        with_order=True,
        carrier=parcel.carrier,
        promised_at=delivery.promise_text(parcel.order),
    )
    parcel.emit("delivery.scanned", time + 12 * HOUR, location="hub-west", status="in_transit")
    parcel.emit("delivery.lost", time + 70 * HOUR)


def _ordered(retailer: Retailer, person: Person, time: int, category: str, promised_at: int) -> delivery.Parcel:
    contact = person.account or {"email": person.email}
    lines = [(retailer.assortment.pick_from(retailer.rng, category), 2)]
    order = Order(retailer.number("o"), person, contact, lines, time, promised_at)
    checkout.announce(retailer, order)
    retailer.world.emit(person.name, "web.order_approved", time + MINUTE, {"order_id": order.order_id})
    return delivery.Parcel(retailer, order)


def _ask(retailer: Retailer, order: Order, time: int) -> None:
    who = {"phone": order.person.phone, **order.person.account}
    retailer.world.plan(
        time,
        lambda now: _open(retailer, order, now, who),
    )


def _open(retailer: Retailer, order: Order, time: int, who: dict[str, str]) -> None:
    support.open_ticket(retailer, order.person, time, "where is my order", "phone", who, order)
