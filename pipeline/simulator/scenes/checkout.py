"""The checkout: from the cart to an order, a failed payment or a change of mind."""

from pipeline.simulator.assortment import Product
from pipeline.simulator.event import Json
from pipeline.simulator.retailer import Order, Retailer
from pipeline.simulator.scenes import delivery
from pipeline.simulator.scenes.visit import Visit
from pipeline.simulator.shapes import DAY, HOUR, MINUTE


def items(lines: list[tuple[Product, int]]) -> Json:
    """Order lines as events carry them."""
    return [
        {"product_id": product.product_id, "quantity": quantity, "price": product.price} for product, quantity in lines
    ]


def amount(lines: list[tuple[Product, int]]) -> float:
    """What the lines cost together."""
    return round(sum(product.price * quantity for product, quantity in lines), 2)


def check_out(session: Visit, lines: list[tuple[Product, int]], *, sure: bool = False) -> Order | None:
    """Go through the checkout; returns the order if one is placed. `sure` buyers never give up on their own."""
    retailer = session.retailer
    cost: dict[str, Json] = {"amount": amount(lines), "currency": retailer.policy.currency}
    session.page("/checkout", "Checkout")
    session.emit("web.checkout_started", **cost)
    if session.worst >= 3 and not sure:
        return None
    if retailer.happens(0.6):
        session.sign_in()
    if not session.signed_in:
        register(session)
    session.fill_form("address", retailer.trouble.form_rejected)
    if not sure and retailer.happens(retailer.trouble.checkout_abandoned):
        return None
    if not pay(session, cost, sure=sure):
        return None
    return place(session, lines)


def register(session: Visit) -> None:
    """A newcomer may open an account; the others stay guests."""
    if not session.person.customer_id and session.retailer.happens(0.15):
        session.person.customer_id = f"c-{session.retailer.rng.getrandbits(40):010x}"
        session.emit("web.signed_up", {"customer_id": session.person.customer_id, "email": session.person.email})
        session.wait(20)
        session.sign_in()


def pay(session: Visit, cost: dict[str, Json], *, sure: bool) -> bool:
    """Pay; after a failed payment try again or, unless `sure`, perhaps give up. Returns whether the money arrived."""
    session.page("/checkout/payment", "Payment")
    while session.retailer.happens(session.retailer.trouble.payment_failed):
        session.emit("web.payment_failed", error="card_declined", **cost)
        session.worst = 3
        session.wait(40)
        if not sure and session.retailer.happens(0.4):
            return False
    session.click("#pay", "/checkout/payment")
    return True


def place(session: Visit, lines: list[tuple[Product, int]]) -> Order:
    """Place the order and set everything behind it in motion."""
    retailer, person = session.retailer, session.person
    contact = person.account if session.signed_in else {"email": person.email}
    order = Order(retailer.number("o"), person, contact, lines, session.time, 0, session.probe)
    order.promised_at = promise(retailer, order)
    session.emit("web.order_placed", {**contact, "order_id": order.order_id}, **order_facts(retailer, order))
    delivery.fulfil(retailer, order)
    session.wait(3)
    session.page("/checkout/thank-you", "Thank you")
    return order


def announce(retailer: Retailer, order: Order) -> None:
    """Report an order without the visit in which it was placed."""
    retailer.world.emit(
        order.person.name,
        "web.order_placed",
        order.placed_at,
        {**order.contact, "order_id": order.order_id},
        order_facts(retailer, order),
        "/shop/orders",
    )


def order_facts(retailer: Retailer, order: Order) -> dict[str, Json]:
    """Lines, amount and promise as an order event carries them."""
    return {
        "items": items(order.lines),
        "amount": order.amount,
        "currency": retailer.policy.currency,
        "promised_at": delivery.promise_text(order),
    }


def promise(retailer: Retailer, order: Order) -> int:
    """When it is to arrive: frozen goods within hours, the rest at the end of a later day."""
    if order.cold or retailer.happens(0.15):
        return order.placed_at + 4 * HOUR - order.placed_at % (30 * MINUTE)
    days = 2 + int(retailer.rng.random() * 3)
    return (order.placed_at // DAY + days + 1) * DAY - 1
