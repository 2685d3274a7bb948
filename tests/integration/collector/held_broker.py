"""A broker that acknowledges, delays or refuses as a test tells it to."""

import asyncio
from collections.abc import Sequence

import orjson

from agents.collector.ports import Delivery
from pipeline.events.packing import Pack


class HeldBroker:
    """Keeps the packs that it acknowledged."""

    def __init__(self) -> None:
        self.ready = True
        self.open = asyncio.Event()
        """Deliveries wait while it is not set."""
        self.open.set()
        self.away = False
        """While true, nothing is acknowledged."""
        self.taken: list[Pack] = []
        self.received_at: list[int] = []

    async def deliver(self, packs: Sequence[Pack], received_at: int) -> Delivery:
        """Acknowledge all packs, or let all of them wait."""
        await self.open.wait()
        delivery = Delivery()
        if self.away:
            delivery.waiting += packs
        else:
            delivery.acknowledged += packs
            self.taken += packs
            self.received_at.append(received_at)
        return delivery

    @property
    def events(self) -> list[dict[str, object]]:
        """The acknowledged events."""
        return [event for pack in self.taken for event in orjson.loads(pack.message)]
