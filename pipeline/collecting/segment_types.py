"""Names of Segment's track calls and the event types they become."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pipeline.catalogue.touchpoint import FAMILIES

FAMILY: Final = "web"
"""The family of calls whose name has none."""

DEFAULT_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # Segment's e-commerce events, version 2
        "products_searched": "web.searched",
        "product_viewed": "web.product_viewed",
        "product_added": "web.cart_updated",
        "product_removed": "web.cart_updated",
        "cart_viewed": "web.cart_updated",
        "checkout_started": "web.checkout_started",
        "order_completed": "web.order_placed",
        "order_cancelled": "web.order_cancelled",
        "product_reviewed": "feedback.review_posted",
        # its mobile, email and account events
        "application_opened": "web.app_opened",
        "email_delivered": "marketing.message_sent",
        "email_opened": "marketing.message_opened",
        "email_link_clicked": "marketing.message_clicked",
        "unsubscribed": "marketing.unsubscribed",
        "account_created": "web.signed_up",
    }
)
"""Event types by name in snake case. A name that gives its type by itself, such as Signed In, needs no entry."""

_PRODUCT: Final = ("sku", "id")
_AMOUNT: Final = ("total", "revenue", "value")

RENAMED: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "web.product_viewed": {"product_id": _PRODUCT},
        "web.cart_updated": {"items": ("products",), "amount": _AMOUNT},
        "web.checkout_started": {"items": ("products",), "amount": _AMOUNT},
        "web.order_placed": {"items": ("products",), "amount": _AMOUNT},
        "feedback.review_posted": {"product_id": _PRODUCT, "text": ("review_body",)},
        "marketing.message_sent": {"campaign": ("campaign_name", "campaign_id")},
        "marketing.message_opened": {"campaign": ("campaign_name", "campaign_id")},
        "marketing.message_clicked": {"campaign": ("campaign_name", "campaign_id"), "url": ("link_url",)},
        "marketing.unsubscribed": {"campaign": ("campaign_name", "campaign_id")},
    }
)
"""By event type: a field of ours, and its names in Segment's specification, best first."""
ITEM: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({"product_id": _PRODUCT})
"""The same for each of an event's items."""

_TYPE = re.compile(rf"(?:{'|'.join(FAMILIES)})\.[a-z][a-z0-9_]*")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BETWEEN = re.compile(r"[\W_]+")


def snake_case(name: str) -> str:
    """`Order Completed`, `orderCompleted` and `order-completed` are all `order_completed`."""
    return _BETWEEN.sub("_", _HUMP.sub("_", name)).strip("_").lower()


def type_of_track(name: str, types: Mapping[str, str]) -> str:
    """The event type of a track call: its name if it is one, else the table's, else `web.` and the name in snake case.

    A type that is not in the catalogue is sent all the same: the workers keep the event as a dead letter with its type.

    Args:
        name: As sent.
        types: Types by name in snake case.
    """
    if _TYPE.fullmatch(name):
        return name
    snake = snake_case(name)
    return types.get(snake) or f"{FAMILY}.{snake or 'track_without_a_name'}"


def renamed(fields: Mapping[str, object], names: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
    """Rename fields to our names: a missing field takes the value of the first of its other names that is present."""
    changed = dict(fields)
    for ours, theirs in names.items():
        if changed.get(ours) is None:
            found = next((name for name in theirs if changed.get(name) is not None), None)
            if found is not None:
                changed[ours] = changed.pop(found)
    return changed
