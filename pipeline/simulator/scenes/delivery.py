"""What happens to an order: warehouse, carrier, doorstep, and all that can go wrong between them."""

from datetime import UTC, datetime

from pipeline.simulator.event import Json
from pipeline.simulator.retailer import Order, Retailer
from pipeline.simulator.scenes import aftermath, support
from pipeline.simulator.shapes import DAY, HOUR, MINUTE, lognormal

CARRIERS = ("northwind", "swift-parcel", "own-fleet")
HUBS = ("hub-north", "hub-central", "hub-south", "hub-west")


class Parcel:
    """A parcel of one order; the scans know only its number."""

    def __init__(self, retailer: Retailer, order: Order) -> None:
        self.retailer = retailer
        self.order = order
        self.parcel_id = retailer.number("x")
        self.carrier = "own-fleet" if order.cold else retailer.rng.choice(CARRIERS)

    def emit(self, type_: str, time: int, *, with_order: bool = False, **data: Json) -> None:
        """Send an event about this parcel."""
        identifiers = {"parcel_id": self.parcel_id}
        if with_order:
            identifiers["order_id"] = self.order.order_id
        if self.order.probe:
            data["probe"] = True
        self.retailer.world.emit(self.order.person.name, type_, time, identifiers, data, f"/carrier/{self.carrier}")


def fulfil(retailer: Retailer, order: Order) -> None:
    """Approve the order, pack it and send it off; a few are cancelled instead."""
    rng, world, person = retailer.rng, retailer.world, order.person
    about: dict[str, str] = {"order_id": order.order_id}
    probe: dict[str, Json] = {"probe": True} if order.probe else {}
    approved_at = order.placed_at + int(lognormal(rng, 90, 1.2) * 1000)
    world.emit(person.name, "web.order_approved", approved_at, about, dict(probe), "/shop/orders")
    if not order.probe and retailer.happens(retailer.trouble.order_cancelled):
        cancelled_at = approved_at + int(rng.random() * 2 * HOUR)
        reason: dict[str, Json] = {"reason": "changed_mind"}
        world.emit(person.name, "web.order_cancelled", cancelled_at, {**about, **order.contact}, reason)
        return
    deliver(retailer, order, approved_at)


def deliver(retailer: Retailer, order: Order, approved_at: int) -> None:
    """Hand the order over to a carrier and follow it to the door."""
    rng, trouble = retailer.rng, retailer.trouble
    window = max(order.promised_at - order.placed_at, 3 * HOUR)
    shipped_at = approved_at + int(window * (0.12 + 0.2 * rng.random()))
    parcel = Parcel(retailer, order)
    parcel.emit("delivery.handed_over", shipped_at - 10 * MINUTE, with_order=True, carrier=parcel.carrier)
    cold: dict[str, Json] = {"range": {"min_celsius": -30, "max_celsius": -18}} if order.cold else {}
    parcel.emit(
        "delivery.parcel_shipped",
        shipped_at,
        with_order=True,
        carrier=parcel.carrier,
        promised_at=promise_text(order),
        **cold,
    )
    stalled = not order.cold and retailer.happens(trouble.stalled)
    late = stalled or retailer.happens(trouble.late_delivery)
    arrives_at = arrival(retailer, order, shipped_at, late=late, stalled=stalled)
    if retailer.happens(trouble.promise_moved) or (late and retailer.happens(0.3)):
        move_promise(parcel, shipped_at, arrives_at)
    travel(parcel, shipped_at, arrives_at, stalled=stalled)
    arrive(parcel, arrives_at, late=late)


def arrival(retailer: Retailer, order: Order, shipped_at: int, *, late: bool, stalled: bool) -> int:
    """When the courier comes: mostly well before the promise, heavy-tailed after it when late."""
    rng = retailer.rng
    if stalled:
        return max(order.promised_at, shipped_at + 80 * HOUR) + int(lognormal(rng, 12, 0.6) * HOUR)
    if late:
        return order.promised_at + int(lognormal(rng, 0.7 if order.cold else 26, 0.9) * HOUR)
    return shipped_at + int((order.promised_at - shipped_at) * (0.35 + 0.6 * rng.random()))


def move_promise(parcel: Parcel, shipped_at: int, arrives_at: int) -> None:
    """Promise a later day, and then a later one again."""
    step = max((arrives_at - shipped_at) // 4, MINUTE)
    for move in (1, 2):
        promised = datetime.fromtimestamp((parcel.order.promised_at + move * DAY) // 1000, UTC)
        parcel.emit("delivery.promise_changed", shipped_at + move * step, promised_at=f"{promised:%Y-%m-%d}")


def travel(parcel: Parcel, shipped_at: int, arrives_at: int, *, stalled: bool) -> None:
    """Scans along the way, and temperatures if frozen; a stalled parcel is silent until shortly before the end."""
    rng = parcel.retailer.rng
    begin = arrives_at - 5 * HOUR if stalled else shipped_at
    stops = 2 + rng.randrange(3)
    for stop in range(1, stops + 1):
        time = begin + (arrives_at - begin) * stop // (stops + 1)
        parcel.emit("delivery.scanned", time, location=rng.choice(HUBS), status="in_transit")
    if parcel.order.cold:
        read_temperatures(parcel, shipped_at, arrives_at)


def read_temperatures(parcel: Parcel, shipped_at: int, arrives_at: int) -> None:
    """Report temperatures along the way; sometimes the cold chain breaks."""
    rng = parcel.retailer.rng
    warm = parcel.retailer.happens(parcel.retailer.trouble.cold_chain_breach)
    for reading in range(1, 7):
        time = shipped_at + (arrives_at - shipped_at) * reading // 7
        celsius = rng.gauss(-21.5, 0.8) + (max(0, reading - 3) * 5.5 if warm else 0.0)
        parcel.emit("delivery.temperature_read", time, celsius=round(celsius, 1), min_celsius=-30, max_celsius=-18)


def arrive(parcel: Parcel, arrives_at: int, *, late: bool) -> None:
    """The last stop: delivered at the first or second attempt, damaged, or lost; then people react."""
    retailer, order, trouble = parcel.retailer, parcel.order, parcel.retailer.trouble
    if late and not order.probe:
        complain_while_waiting(retailer, order, arrives_at)
    if retailer.happens(trouble.lost):
        parcel.emit("delivery.lost", arrives_at)
        support.plan(retailer, order.person, arrives_at + 3 * HOUR, "lost parcel", order, chance=0.9)
        return
    if retailer.happens(trouble.failed_attempt):
        parcel.emit("delivery.attempt_failed", arrives_at, reason="nobody_home")
        arrives_at += 4 * HOUR if order.cold else DAY
    damaged = retailer.happens(trouble.damaged)
    if damaged:
        parcel.emit("delivery.damaged", arrives_at - MINUTE, description="box crushed")
    parcel.emit("delivery.delivered", arrives_at)
    if not order.probe:
        aftermath.after_delivery(retailer, order, parcel.parcel_id, arrives_at, unhappy=late or damaged)


def complain_while_waiting(retailer: Retailer, order: Order, arrives_at: int) -> None:
    """Where is my order? Some ask between the broken promise and the delivery."""
    gap = arrives_at - order.promised_at
    if gap > 0:
        asked_at = order.promised_at + int(gap * (0.2 + 0.6 * retailer.rng.random()))
        support.plan(retailer, order.person, asked_at, "where is my order", order, chance=0.35)


def promise_text(order: Order) -> str:
    """The promise as events carry it: a date for the end of a day, a date-time for a moment within it."""
    moment = datetime.fromtimestamp(order.promised_at // 1000, UTC)
    return f"{moment:%Y-%m-%d}" if (order.promised_at + 1) % DAY == 0 else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
