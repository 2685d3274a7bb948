"""The register of what was already counted, in memory."""

from collections.abc import Collection, Mapping, Sequence

from pipeline.adapters.memory.store import MemoryStore


class MemoryRegister:
    """Implements `pipeline.stitching.register.Register` over a store in memory."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._claims: dict[str, int] = {}

    async def claim(self, names: Sequence[str], claim: int) -> None:
        """See `Register.claim`."""
        for name in names:
            self._claims.setdefault(name, claim)

    async def won(self, claims: Mapping[str, int]) -> Collection[str]:
        """See `Register.won`."""
        return [name for name, claim in claims.items() if self._claims.get(name) == claim]

    async def standing(self, friction_ids: Sequence[str]) -> Collection[str]:
        """See `Register.standing`."""
        standing = {row.friction.friction_id for row in self._store.frictions()}
        return standing.intersection(friction_ids)
