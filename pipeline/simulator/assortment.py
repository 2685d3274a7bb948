"""What the retailer sells."""

from dataclasses import dataclass
from itertools import accumulate
from random import Random

from pipeline.simulator.shapes import price

CATEGORIES = {
    "frozen": 9.0,
    "household": 18.0,
    "fashion": 39.0,
    "toys": 27.0,
    "garden": 45.0,
    "kitchen": 65.0,
    "electronics": 180.0,
    "furniture": 260.0,
}
"""Category and its median price. Frozen goods are delivered on the day, in a cold chain."""


@dataclass(frozen=True, slots=True)
class Product:
    """One article."""

    product_id: str
    category: str
    price: float

    @property
    def cold(self) -> bool:
        """Whether it has to stay frozen on its way."""
        return self.category == "frozen"

    @property
    def smart(self) -> bool:
        """Whether it reports how it is used."""
        return self.category == "electronics"

    @property
    def path(self) -> str:
        """Its page in the shop."""
        return f"/{self.category}/{self.product_id}"


class Assortment:
    """Products with a popularity that follows Zipf's law."""

    def __init__(self, rng: Random, products: int) -> None:
        names = list(CATEGORIES)
        self.products = [_product(rng, number, names[number % len(names)]) for number in range(products)]
        self._popularity = list(accumulate(1 / (rank + 3) for rank in range(products)))

    def pick(self, rng: Random) -> Product:
        """A product, popular ones more often."""
        return rng.choices(self.products, cum_weights=self._popularity)[0]

    def pick_from(self, rng: Random, category: str) -> Product:
        """A product of one category."""
        return rng.choice([product for product in self.products if product.category == category])


def _product(rng: Random, number: int, category: str) -> Product:
    return Product(f"p-{number:05d}", category, price(rng, CATEGORIES[category]))
