"""A value that is never shown."""

import msgspec


class Secret(msgspec.Struct, frozen=True):
    """A secret text; printing, logging or formatting it shows that it is there, and nothing else."""

    value: str = ""

    def __repr__(self) -> str:
        return "Secret(set)" if self.value else "Secret(not set)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        """Whether there is one."""
        return bool(self.value)
