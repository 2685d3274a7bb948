"""The port to the record of what was counted already, by any worker and before any restart."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol


class Register(Protocol):
    """Shared by all workers; one implementation on ClickHouse, one in memory, one contract suite.

    All methods may raise `StoreUnavailableError` when the store cannot be reached; the caller asks again.
    """

    async def claim(self, names: Sequence[str], claim: int) -> None:
        """Claim names; of several claims on a name the first one counts.

        Claiming again under the same number changes nothing: repeat a call that failed half way with its number.

        Args:
            names: What is to be counted; distinct.
            claim: Identifies the claim: a random unsigned 64-bit number.
        """
        ...

    async def won(self, claims: Mapping[str, int]) -> Collection[str]:
        """Those of these names whose claim, as given with each of them and made before, was the first."""
        ...

    async def standing(self, friction_ids: Sequence[str]) -> Collection[str]:
        """Those of the frictions that hold at some customer now."""
        ...
