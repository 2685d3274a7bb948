"""A broker that acknowledges, delays or refuses as a test says."""

import asyncio
from collections.abc import Sequence

import orjson

from agents.collector.ports import Delivery
from pipeline.events.packing import Pack


class HeldBroker:
    """Keeps what it acknowledged."""

    def __init__(self) -> None:
        self.ready = True
        self.open = asyncio.Event()
        """While it is not set, deliveries wait."""
        self.open.set()
        self.away = False
        """Whether nothing is acknowledged."""
        self.taken: list[Pack] = []
        self.received_at: list[int] = []

    async def deliver(self, packs: Sequence[Pack], received_at: int) -> Delivery:
        """As the real one."""
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
        """What was acknowledged."""
        return [event for pack in self.taken for event in orjson.loads(pack.message)]
