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


class _Pending(msgspec.Struct):
    """What was raised and closed, by name, with the numbers of the claims on it."""

    raised: dict[str, Friction] = msgspec.field(default_factory=dict)
    closed: dict[str, Journey] = msgspec.field(default_factory=dict)
    claims: dict[str, int] = msgspec.field(default_factory=dict)

    def add(self, outcomes: Outcomes) -> None:
        for name, friction in outcomes.raised.items():
            self.raised.setdefault(name, friction)
        for name, journey in outcomes.closed.items():
            self.closed.setdefault(name, journey)
        for name, claim in outcomes.claims.items():
            self.claims.setdefault(name, claim)  # of several claims on a name the first may have won


class _Due(msgspec.Struct):
    """Withdrawals to settle, by name, and the number of the claim on them."""

    claim: int
    withdrawn: dict[str, Withdrawal]


class Tally:
    """One worker's part in counting, over the register that it shares with the others.

    A friction is identified by its id: one that moves with its events to another customer, and so to another worker,
    stays the same. It is withdrawn once no customer has it; as it may be on its way to the next one, the worker checks
    that a while later.

    What was saved but not yet counted, or counted but not yet scraped, is lost with the process.
    """

    def __init__(self, register: Register) -> None:
        self._register = register
        self._pending = _Pending()
        self._withdrawn: dict[str, tuple[int, Withdrawal]] = {}
        self._counting = asyncio.Lock()
        self._settling = asyncio.Lock()
        self._asked: _Pending | None = None
        """What `count` asks about; it stays the same until it is answered. So does what `settle` asks about."""
        self._due: _Due | None = None

    @property
    def waiting(self) -> int:
        """How much has been added but is not counted yet."""
        return len(self._pending.claims) + len(self._withdrawn)

    def add(self, outcomes: Outcomes, now: int) -> None:
        """Take outcomes that were saved, and claimed with that; `now` in milliseconds since the epoch."""
        self._pending.add(outcomes)
        self._withdrawn |= {name: (now + SETTLING_MS, gone) for name, gone in outcomes.withdrawn.items()}

    async def count(self) -> Counted:
        """Ask the register which of the added frictions and journeys are new; one question.

        Raises:
            StoreUnavailableError: Nothing is lost, ask again.
        """
        async with self._counting:
            if self._asked is None:
                self._asked, self._pending = self._pending, _Pending()
            asked = self._asked
            first = set(await self._register.won(asked.claims))
            self._asked = None
        raised = [friction for name, friction in asked.raised.items() if name in first]
        return Counted(raised, [journey for name, journey in asked.closed.items() if name in first])

    async def settle(self, now: int) -> Counted:
        """Find which of the frictions that were withdrawn a while ago hold nowhere, and which of these are new.

        Raises:
            StoreUnavailableError: Nothing is lost, ask again.
        """
        async with self._settling:
            asked = self._due = self._due or self._take_due(now)
            standing = set(await self._register.standing([gone.friction_id for gone in asked.withdrawn.values()]))
            claims = {name: asked.claim for name, gone in asked.withdrawn.items() if gone.friction_id not in standing}
            await self._register.claim(claims)
            first = set(await self._register.won(claims))
            self._due = None
        return Counted(withdrawn=[gone for name, gone in asked.withdrawn.items() if name in first])

    def _take_due(self, now: int) -> _Due:
        due = {name: gone for name, (at, gone) in self._withdrawn.items() if at <= now}
        for name in due:
            del self._withdrawn[name]
        return _Due(randbits(64), due)
