"""A value that is never shown."""

import msgspec


class Secret(msgspec.Struct, frozen=True):
    """A secret text. Printing, logging or formatting it shows only whether it is set."""

    value: str = ""

    def __repr__(self) -> str:
        return "Secret(set)" if self.value else "Secret(not set)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        """Whether it is set."""
        return bool(self.value)
