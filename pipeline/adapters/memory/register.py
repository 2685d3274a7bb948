"""The register of who counts what, in memory."""

from collections.abc import Collection, Mapping, Sequence

from pipeline.adapters.memory.store import MemoryStore
from pipeline.stitching.changes import Changes


class MemoryRegister:
    """Implements `pipeline.stitching.register.Register` over a store in memory."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def claim(self, claims: Mapping[str, int]) -> None:
        """See `Register.claim`."""
        self._store.apply(Changes(to_count=dict(claims)), {})

    async def won(self, claims: Mapping[str, int]) -> Collection[str]:
        """See `Register.won`."""
        return [name for name, claim in claims.items() if self._store.claims.get(name) == claim]

    async def standing(self, friction_ids: Sequence[str]) -> Collection[str]:
        """See `Register.standing`."""
        standing = {row.friction.friction_id for row in self._store.frictions()}
        return standing.intersection(friction_ids)
