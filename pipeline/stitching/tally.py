"""Choosing which outcomes of batches to count, so that all workers together count each thing once."""

import asyncio
from secrets import randbits
from typing import Final, Self

import msgspec

from pipeline.frictions.friction import Friction
from pipeline.journeys.journey import Journey
from pipeline.stitching.batch import Batch, Withdrawal
from pipeline.stitching.register import Register

SETTLING_MS: Final = 30_000
"""How long a withdrawn friction may take to come up again, for instance at the next customer: mail takes a second from
one to the next, and more while workers lag.
"""


class Outcomes(msgspec.Struct):
    """What one batch may add to the counts, by name in the register."""

    claim: int
    """The number of its claim on what it raised and closed."""
    raised: dict[str, Friction]
    closed: dict[str, Journey]
    withdrawn: dict[str, Withdrawal]

    @classmethod
    def of(cls, batch: Batch) -> Self:
        """The outcomes of a batch, under a new number: call it once for a batch, however often saving it is tried."""
        outcomes = cls(randbits(64), {}, {}, {f"withdrawn {gone.friction_id}": gone for gone in batch.withdrawn})
        for friction in batch.raised:
            outcomes.raised.setdefault(f"friction {friction.friction_id}", friction)
        for journey in batch.closed:
            if not journey.probe:
                source, event_id = journey.first_event
                outcomes.closed.setdefault(f"journey {source} {event_id}", journey)
        return outcomes

    @property
    def claims(self) -> dict[str, int]:
        """The names to claim, each with the number of the claim."""
        return dict.fromkeys((*self.raised, *self.closed), self.claim)


class Counted(msgspec.Struct):
    """What is to be counted now; nobody has counted it before."""

    raised: list[Friction] = msgspec.field(default_factory=list)
    closed: list[Journey] = msgspec.field(default_factory=list)
    withdrawn: list[Withdrawal] = msgspec.field(default_factory=list)
    """Frictions that hold at no customer any more."""


class _Round(msgspec.Struct):
    """What is asked about at once, by name; it stays the same until it is answered."""

    claim: int
    """The number of the claim on what is withdrawn."""
    withdrawn: dict[str, Withdrawal]
    raised: dict[str, Friction]
    closed: dict[str, Journey]
    claims: dict[str, int]
    """Numbers of the claims on what was raised and closed."""


class Tally:
    """One worker's part in counting, over the register that it shares with the others.

    A friction is identified by its id: one that moves with its events to another customer, and so to another worker,
    stays the same. It is withdrawn once no customer has it; as it may be on its way to the next one, the worker checks
    that a while later.

    What was saved but not yet counted, or counted but not yet scraped, is lost with the process.
    """

    def __init__(self, register: Register) -> None:
        self._register = register
        self._lock = asyncio.Lock()
        self._raised: dict[str, Friction] = {}
        self._closed: dict[str, Journey] = {}
        self._claims: dict[str, int] = {}
        self._withdrawn: dict[str, tuple[int, Withdrawal]] = {}
        self._round: _Round | None = None

    @property
    def waiting(self) -> int:
        """How much has been added but is not counted yet."""
        return len(self._raised) + len(self._closed) + len(self._withdrawn)

    def add(self, outcomes: Outcomes, now: int) -> None:
        """Take outcomes that were saved, and claimed with that; `now` in milliseconds since the epoch."""
        for name, friction in outcomes.raised.items():
            self._raised.setdefault(name, friction)
        for name, journey in outcomes.closed.items():
            self._closed.setdefault(name, journey)
        self._claims = outcomes.claims | self._claims  # of several claims on a name the first may have won
        self._withdrawn |= {name: (now + SETTLING_MS, gone) for name, gone in outcomes.withdrawn.items()}

    async def count(self, now: int) -> Counted:
        """Ask the register which of the added outcomes are new.

        Raises:
            StoreUnavailableError: Nothing is lost, ask again.
        """
        async with self._lock:
            asked = self._round = self._round or self._next(now)
            standing = set(await self._register.standing([gone.friction_id for gone in asked.withdrawn.values()]))
            ended = {name: gone for name, gone in asked.withdrawn.items() if gone.friction_id not in standing}
            claims = dict.fromkeys(ended, asked.claim)
            await self._register.claim(claims)
            first = set(await self._register.won(asked.claims | claims))
            self._round = None
            return Counted(
                [friction for name, friction in asked.raised.items() if name in first],
                [journey for name, journey in asked.closed.items() if name in first],
                [gone for name, gone in ended.items() if name in first],
            )

    def _next(self, now: int) -> _Round:
        due = {name: gone for name, (at, gone) in self._withdrawn.items() if at <= now}
        asked = _Round(randbits(64), due, self._raised, self._closed, self._claims)
        self._raised, self._closed, self._claims = {}, {}, {}
        for name in due:
            del self._withdrawn[name]
        return asked
