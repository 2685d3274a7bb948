"""Events for the tests of journeys and frictions, and a small catalogue."""

from collections.abc import Iterable, Mapping

import orjson

from pipeline.catalogue.touchpoint import Touchpoint
from pipeline.events.event import Event
from pipeline.frictions.friction import Friction
from pipeline.journeys.fold import Folded, fold
from pipeline.journeys.rules import Rules

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = 1_772_323_200_000
"""2026-03-01T00:00:00Z."""
CUSTOMER = "customer_id:42"
RULES = Rules.of()

_RANKS = ("customer_id", "anonymous_id", "order_id", "ticket_id", "receipt_id", "parcel_id")
_ANNOTATIONS = {
    "web": ("website", "discover", "web", "digital"),
    "web.product_viewed": ("product_page", "evaluate", "web", "merchandising"),
    "web.checkout_started": ("checkout", "buy", "web", "digital"),
    "web.order_placed": ("checkout", "buy", "web", "sales"),
    "delivery": ("tracking", "receive", "courier", "logistics"),
    "delivery.delivered": ("doorstep", "receive", "courier", "logistics"),
    "delivery.parcel_shipped": ("shipping", "receive", "courier", "dispatch"),
    "delivery.temperature_read": ("cold_chain", "receive", "device", "logistics"),
    "store": ("shop", "evaluate", "store", "stores"),
    "store.purchased": ("till", "buy", "store", "stores"),
    "support": ("support_ticket", "support", "phone", "customer_service"),
    "feedback": ("review", "advocate", "web", "customer_insight"),
    "marketing": ("campaign", "discover", "email", "marketing"),
    "product": ("product_use", "use", "device", "product"),
}


def touchpoint(name: str) -> Touchpoint:
    """Make up the annotations of an event type."""
    label, stage, channel, owner = _ANNOTATIONS.get(name) or _ANNOTATIONS[name.partition(".")[0]]
    return Touchpoint(type=name, touchpoint=label, stage=stage, moment="", channel=channel, owner=owner)


class SampleCatalogue(dict[str, Touchpoint]):
    """Knows every type of a known family."""

    def get(self, key: str, default: object = None) -> Touchpoint:
        return touchpoint(key)


CATALOGUE = SampleCatalogue()


def event(
    name: str,
    at: int = 0,
    said: Mapping[str, object] | None = None,
    *,
    key: str = "",
    channel: str = "",
    probe: bool = False,
    identifiers: dict[str, str] | None = None,
    **data: object,
) -> Event:
    """Make an event `at` milliseconds after the start, addressed to one customer, that says `said` and `data`."""
    named = {"customer_id": "42", **(identifiers or {})}
    ordered = tuple(f"{space}:{named[space]}" for space in _RANKS if space in named)
    return Event(
        source="/test",
        id=key or f"{name}@{at}",
        type=name,
        time=START + at,
        received_at=START + at,
        identifiers=ordered,
        channel=channel or touchpoint(name).channel,
        probe=probe,
        digest=len(data),
        data=orjson.dumps({"identifiers": named, **(said or {}), **data}, option=orjson.OPT_SORT_KEYS),
    )


def folded(events: Iterable[Event], now: int | None = None, rules: Rules = RULES) -> Folded:
    """Fold with the clock `now` milliseconds after the start; by default when the last event happened."""
    known = list(events)
    clock = max((one.time for one in known), default=START) if now is None else START + now
    return fold(CUSTOMER, known, clock, CATALOGUE, rules)


def found(kind: str, events: Iterable[Event], now: int | None = None, rules: Rules = RULES) -> list[Friction]:
    """The frictions of one kind."""
    return [friction for friction in folded(events, now, rules).frictions if friction.kind == kind]
