"""The port to the record of who counts what, over all workers and restarts."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol


class Register(Protocol):
    """Shared by all workers; one implementation on ClickHouse, one in memory, one contract suite.

    All methods may raise `StoreUnavailableError` when the store cannot be reached; the caller asks again.
    """

    async def claim(self, claims: Mapping[str, int]) -> None:
        """Claim names; of several claims on a name the first one counts. `Store.save` does so for what it saves.

        Claiming again under the same number changes nothing: repeat a call that failed half way with its numbers.

        Args:
            claims: For each name the number of the claim: random, unsigned, of 64 bits.
        """
        ...

    async def won(self, claims: Mapping[str, int]) -> Collection[str]:
        """Those of these names whose claim, as given with each of them and made before, was the first."""
        ...

    async def standing(self, friction_ids: Sequence[str]) -> Collection[str]:
        """Those of the frictions that hold at some customer now."""
        ...
