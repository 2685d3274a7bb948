"""The port to the record of what was counted already, by any worker and before any restart."""

from collections.abc import Collection, Sequence
from typing import Protocol


class Register(Protocol):
    """Shared by all workers; one implementation on ClickHouse, one in memory, one contract suite.

    Both methods may raise `StoreUnavailableError` when the store cannot be reached; the caller asks again.
    """

    async def first(self, names: Sequence[str], claim: int) -> Collection[str]:
        """Register names; returns those that no other claim has registered before.

        Asking again under the same claim gives the same answer: repeat a call that failed half way with its claim.

        Args:
            names: What is to be counted; distinct.
            claim: Identifies the caller's round of counting: a random unsigned 64-bit number.
        """
        ...

    async def standing(self, friction_ids: Sequence[str]) -> Collection[str]:
        """Those of the frictions that hold at some customer now."""
        ...
