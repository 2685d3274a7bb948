"""What scenes act on: the world, the people and the state of the day."""

from dataclasses import dataclass, field
from random import Random

from pipeline.simulator.assortment import Assortment, Product
from pipeline.simulator.people import Device, Person
from pipeline.simulator.policy import RetailerPolicy, Trouble
from pipeline.simulator.shapes import MINUTE
from pipeline.simulator.world import World


@dataclass(slots=True)
class Order:
    """An order on its way."""

    order_id: str
    person: Person
    contact: dict[str, str]
    """What the shop knew the buyer by: an account, or a guest's email address."""
    lines: list[tuple[Product, int]]
    placed_at: int
    promised_at: int
    """End of the promised moment or day, milliseconds since the epoch."""
    probe: bool = False

    @property
    def cold(self) -> bool:
        """Whether something in it has to stay frozen."""
        return any(product.cold for product, _ in self.lines)

    @property
    def amount(self) -> float:
        """What it costs."""
        return round(sum(product.price * quantity for product, quantity in self.lines), 2)


@dataclass(slots=True)
class Retailer:
    """Everything a scene needs."""

    world: World
    policy: RetailerPolicy
    assortment: Assortment
    people: list[Person]
    kiosks: list[Device]
    switchboard: str = "+999100000000"
    """The call centre's own number: a telephone system that hides the caller's number reports this one."""
    incidents: list[tuple[int, int]] = field(default_factory=list)
    """Periods in which the checkout fails, milliseconds since the epoch."""

    @property
    def rng(self) -> Random:
        """The one source of chance."""
        return self.world.rng

    @property
    def trouble(self) -> Trouble:
        """Probabilities of what goes wrong."""
        return self.policy.trouble

    def happens(self, probability: float) -> bool:
        """Whether something of this probability happens, by chance."""
        return self.world.rng.random() < probability

    def incident_at(self, time: int) -> bool:
        """Whether the checkout is broken at this moment."""
        return any(start <= time < end for start, end in self.incidents)

    def number(self, prefix: str) -> str:
        """A new order, ticket, receipt or parcel number."""
        return f"{prefix}-{self.world.rng.getrandbits(48):012x}"


INCIDENT_LASTS = 20 * MINUTE
