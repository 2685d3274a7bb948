"""Events to emit."""

import orjson

from tests.end_to_end.events import Event, event


def visits(first: int, count: int) -> bytes:
    """NDJSON of page views, each by a different visitor."""
    numbers = range(first, first + count)
    return b"\n".join(orjson.dumps(_visit(f"view-{number}", f"visitor-{number}")) for number in numbers)


def _visit(name: str, visitor: str) -> Event:
    return event("web.page_viewed", name, "2026-03-01T10:00:00Z", {"anonymous_id": visitor}, url="/")
