"""Mystery shoppers: synthetic orders that are followed to the door like any other."""

from pipeline.simulator.people import Device, Person, new_cookie
from pipeline.simulator.retailer import Retailer
from pipeline.simulator.scenes import browsing, checkout
from pipeline.simulator.scenes.visit import Visit


def shop(retailer: Retailer, time: int, number: int) -> None:
    """Order something as a customer would, with `data.probe` set on everything."""
    rng = retailer.rng
    person = Person(
        name=f"probe-{number:02d}",
        email=f"probe.{number}@example.org",
        phone=f"+99990000{number:04d}",
        customer_id=f"probe-{number:02d}",
        devices=[Device("laptop", new_cookie(rng))],
    )
    session = Visit(retailer, person, person.devices[0], time, probe=True)
    session.page("/", "Home")
    session.sign_in()
    product = retailer.assortment.pick(rng)
    session.page(product.path, product.product_id)
    browsing.fill_cart(session, [(product, 1)])
    checkout.check_out(session, [(product, 1)], sure=True)
