"""What the stack reports while it runs."""

from collections.abc import Callable
from enum import StrEnum

import msgspec


class Level(StrEnum):
    """How much a notice matters."""

    DETAIL = "detail"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Notice(msgspec.Struct, frozen=True):
    """One message for the operator."""

    level: Level
    text: str


Report = Callable[[Notice], None]
