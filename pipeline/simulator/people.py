"""The retailer's customers: who they are, what they carry and whom they live with."""

from dataclasses import dataclass, field
from random import Random

from pipeline.simulator.policy import RetailerPolicy
from pipeline.simulator.shapes import liveliness

GIVEN_NAMES = (
    "ada", "ben", "carla", "dev", "elif", "femi", "greta", "hugo", "ines", "jonas", "kaya", "lena", "milo", "nina",
    "omar", "petra", "quentin", "rosa", "sven", "tara", "ugo", "vera", "wanda", "xenia", "yann", "zoe",
)  # fmt: skip


@dataclass(slots=True)
class Device:
    """Something to visit the shop with."""

    kind: str
    """`laptop`, `mobile`, `tablet`, `app` or `kiosk`."""
    cookie: str
    """The anonymous id that its browser or app holds at the moment."""
    device_id: str = ""
    """The stable id an app knows; browsers have none."""
    signed_in: str = ""
    """Name of the person whose sign-in it remembers; empty if nobody's."""

    @property
    def mobile(self) -> bool:
        """Whether it is a slow, small device."""
        return self.kind in ("mobile", "tablet", "app")


@dataclass(slots=True)
class Person:
    """A simulated person. Their name, the ground truth, never appears in an event."""

    name: str
    email: str
    phone: str
    customer_id: str = ""
    """Empty without an account."""
    loyalty_id: str = ""
    """Empty without a loyalty card."""
    liveliness: float = 1.0
    """Activity in multiples of the average."""
    devices: list[Device] = field(default_factory=list)

    @property
    def account(self) -> dict[str, str]:
        """What a signed-in event carries; empty without an account."""
        return {"customer_id": self.customer_id} if self.customer_id else {}


def population(rng: Random, people: int, policy: RetailerPolicy) -> list[Person]:
    """Make people, some of whom share a tablet with the next one: the same for the same seed, whatever day it is."""
    everyone = [_person(rng, number, policy) for number in range(people)]
    for first, second in zip(everyone[::2], everyone[1::2], strict=False):
        if rng.random() < policy.household_share:
            tablet = Device("tablet", new_cookie(rng))
            first.devices.append(tablet)
            second.devices.append(tablet)
    return everyone


def new_cookie(rng: Random) -> str:
    """An anonymous id as a tracker makes it."""
    return f"{rng.getrandbits(64):016x}"


def _person(rng: Random, number: int, policy: RetailerPolicy) -> Person:
    has_account = rng.random() < policy.account_share
    person = Person(
        name=f"person-{number:06d}",
        email=f"{rng.choice(GIVEN_NAMES)}.{rng.getrandbits(32):08x}@example.org",
        phone=f"+999{rng.randrange(10**8, 10**9)}",  # an unassigned country code: nobody's number
        customer_id=f"c-{rng.getrandbits(40):010x}" if has_account else "",
        loyalty_id=f"L{rng.randrange(10**9, 10**10)}" if rng.random() < policy.loyalty_share else "",
        liveliness=liveliness(rng),
    )
    person.devices.append(Device("laptop" if rng.random() < 0.5 else "mobile", new_cookie(rng)))
    if rng.random() < 0.35:
        person.devices.append(Device("mobile", new_cookie(rng)))
    if has_account and rng.random() < policy.app_share:
        person.devices.append(Device("app", new_cookie(rng), device_id=f"d-{rng.getrandbits(64):016x}"))
    return person
