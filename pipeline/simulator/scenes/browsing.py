"""An ordinary visit: arriving, looking around, perhaps buying, and calling when it did not work."""

from pipeline.simulator.assortment import Product
from pipeline.simulator.people import Device, Person
from pipeline.simulator.retailer import Retailer
from pipeline.simulator.scenes import checkout, support
from pipeline.simulator.scenes.visit import Visit
from pipeline.simulator.shapes import MINUTE, SECOND

QUERIES = ("ice cream", "lamp", "desk", "raincoat", "gift", "espresso", "hose", "headphones", "drill", "rug")
CAMPAIGNS = ("spring-sale", "new-arrivals", "back-in-stock")


def visit(retailer: Retailer, person: Person, time: int, device: Device | None = None) -> None:
    """Visit the shop, from the first page to whatever comes of it."""
    rng = retailer.rng
    session = Visit(retailer, person, device or rng.choice(person.devices), time)
    arrive(session)
    wanted = look_around(session)
    if wanted and retailer.happens(0.35):
        fill_cart(session, wanted)
        if retailer.happens(0.4):
            checkout.check_out(session, wanted)
    if session.device.kind in ("tablet", "kiosk"):
        session.sign_out()
    react(session)


def arrive(session: Visit) -> None:
    """Open the first page or the app; of account holders, nine in ten sign in at once in the app, a third elsewhere."""
    rng = session.retailer.rng
    if session.device.kind == "app":
        session.emit("web.app_opened")
        session.wait(2)
    elif rng.random() < 0.06:
        session.retailer.world.emit(
            session.person.name,
            "marketing.ad_clicked",
            session.time,
            session.identifiers,
            {"campaign": rng.choice(CAMPAIGNS)},
        )
        session.time += 400
    session.page("/", "Home", referrer="https://search.example.com/" if rng.random() < 0.4 else "")
    if rng.random() < (0.9 if session.device.kind == "app" else 0.35):
        session.sign_in()


def look_around(session: Visit) -> list[tuple[Product, int]]:
    """Search and browse; returns the products that the visitor likes, with quantities."""
    retailer, rng = session.retailer, session.retailer.rng
    wanted: list[tuple[Product, int]] = []
    for _ in range(min(1 + int(rng.expovariate(0.45)), 15)):
        if rng.random() < 0.3:
            search(session)
        product = retailer.assortment.pick(rng)
        if rng.random() < 0.6:
            session.click(f"#tile-{product.product_id}", f"/{product.category}")
        session.page(product.path, product.product_id)
        session.emit(
            "web.product_viewed",
            product_id=product.product_id,
            price=product.price,
            currency=retailer.policy.currency,
        )
        if rng.random() < 0.3:
            wanted.append((product, 1 + int(rng.random() < 0.15)))
    if retailer.happens(retailer.trouble.looping):
        go_in_circles(session)
    return wanted


def search(session: Visit) -> None:
    """Search, and again in other words if nothing is found."""
    retailer, rng = session.retailer, session.retailer.rng
    for _ in range(3):
        found = 0 if retailer.happens(retailer.trouble.fruitless_search) else 1 + rng.randrange(240)
        session.emit("web.searched", query=rng.choice(QUERIES), results=found)
        session.wait(7)
        if found:
            return


def go_in_circles(session: Visit) -> None:
    """Delivery help, returns help, and both again: the answer is on neither page."""
    for path in ("/help/delivery", "/help/returns", "/help/delivery", "/help/returns"):
        session.emit("web.page_viewed", url=f"https://shop.example.org{path}", status=200)
        session.time += 5 * SECOND


def fill_cart(session: Visit, wanted: list[tuple[Product, int]]) -> None:
    """Put the wanted products into the cart, one after the other."""
    for count, (product, _) in enumerate(wanted, 1):
        session.click("#add-to-cart", product.path)
        session.emit(
            "web.cart_updated",
            items=checkout.items(wanted[:count]),
            amount=checkout.amount(wanted[:count]),
            currency=session.retailer.policy.currency,
        )
        session.wait(4)


def react(session: Visit) -> None:
    """Some visitors whom the shop let down contact support within the hour."""
    if session.worst >= 2 and session.retailer.happens(0.08 * session.worst):
        person, known = session.person, session.identifiers
        session.retailer.world.plan(
            session.time + 2 * MINUTE + int(session.retailer.rng.random() * 40 * MINUTE),
            lambda time: support.contact(session.retailer, person, time, "website", known=known),
        )
