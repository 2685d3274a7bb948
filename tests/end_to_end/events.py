"""Events for tests of the whole stack."""

from typing import Any

Event = dict[str, Any]


def event(type_: str, id_: str, time: str, identifiers: dict[str, str], **data: object) -> Event:
    """An event of the shop; `data` is added beside the identifiers."""
    return {
        "specversion": "1.0",
        "id": id_,
        "source": "/shop",
        "type": type_,
        "time": time,
        "data": {"identifiers": identifiers, **data},
    }
