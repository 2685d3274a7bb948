"""Stories of the shop: broken pages, dead buttons, endless forms."""

from pipeline.simulator.people import Person
from pipeline.simulator.retailer import Retailer
from pipeline.simulator.scenes import browsing, support
from pipeline.simulator.scenes.visit import SHOP, Visit
from pipeline.simulator.shapes import MINUTE, SECOND


def broken_campaign(retailer: Retailer, person: Person, time: int) -> None:
    """A campaign's link is dead, the home page fails, and the page that loads at last is slow and has errors."""
    session = _signed_in(retailer, person, time)
    session.emit("web.page_viewed", url=f"{SHOP}/campaign/yesterday", status=404)
    session.wait(6)
    session.emit("web.page_viewed", url=f"{SHOP}/", status=500)
    session.wait(6)
    session.emit("web.page_viewed", url=f"{SHOP}/garden", status=200)
    session.emit("web.page_measured", url=f"{SHOP}/garden", lcp_ms=6_400, inp_ms=620, cls=0.31)
    session.error("/garden", "TypeError: carousel is undefined", after_ms=3_000)


def dead_checkout(retailer: Retailer, person: Person, time: int) -> None:
    """The pay button does nothing, then fails, then the card is refused; the customer calls."""
    session = _signed_in(retailer, person, time)
    product = retailer.assortment.pick(retailer.rng)
    browsing.fill_cart(session, [(product, 1)])
    session.emit("web.checkout_started", amount=product.price, currency=retailer.policy.currency)
    session.emit("web.clicked", target="#pay", dead=True)
    session.wait(2)
    session.rage("#pay", "/checkout/payment")
    session.error("/checkout/payment", "NetworkError: request failed", after_ms=300)
    session.wait(20)
    session.emit(
        "web.payment_failed", amount=product.price, currency=retailer.policy.currency, error="issuer_unavailable"
    )
    who = {"phone": person.phone, **person.account}
    call_at = session.time + 12 * MINUTE
    retailer.world.plan(call_at, lambda now: _call(retailer, person, now, who))


def endless_form(retailer: Retailer, person: Person, time: int) -> None:
    """The address form rejects a correct address four times; the cart stays behind."""
    session = _signed_in(retailer, person, time)
    session.emit("web.checkout_started", amount=64.9, currency=retailer.policy.currency)
    for _ in range(4):
        session.emit("web.form_submitted", form="address", accepted=False)
        session.wait(15)


def lost_in_help(retailer: Retailer, person: Person, time: int) -> None:
    """Searching in vain, then walking in circles through the help pages."""
    session = _signed_in(retailer, person, time)
    for query in ("freezer bag", "cool bag", "insulated bag"):
        session.emit("web.searched", query=query, results=0)
        session.time += 20 * SECOND
    browsing.go_in_circles(session)


def _signed_in(retailer: Retailer, person: Person, time: int) -> Visit:
    session = Visit(retailer, person, person.devices[0], time)
    session.emit("web.page_viewed", url=f"{SHOP}/", status=200)
    session.wait(5)
    session.sign_in()
    return session


def _call(retailer: Retailer, person: Person, time: int, who: dict[str, str]) -> None:
    support.open_ticket(retailer, person, time, "website", "phone", who)
