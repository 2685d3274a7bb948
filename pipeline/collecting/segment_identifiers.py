"""The identifiers in one of Segment's calls."""

from collections.abc import Collection
from typing import Final

from pipeline.events.envelope import JsonObject

TRAITS: Final = ("email", "phone")
"""Traits that identify a person. Others only describe them and are not kept."""


def part(container: object, *path: str) -> object:
    """The value at a path of keys; None if there is none."""
    for key in path:
        container = container.get(key) if isinstance(container, dict) else None
    return container


def identifiers_of(message: JsonObject, call: str, properties: JsonObject, namespaces: Collection[str]) -> JsonObject:
    """Identifiers by namespace. Those found in `properties` are removed from it.

    Args:
        message: The call, its context merged.
        call: Its kind, such as `track`.
        properties: Properties of the call. One that is named like a namespace is an identifier.
        namespaces: The known namespaces.
    """
    found: JsonObject = {}
    traits = part(message, "context", "traits") if call == "group" else part(message, "traits")
    for trait in TRAITS:
        found[trait] = part(traits, trait) or part(message, "context", "traits", trait)
    found["device_id"] = part(message, "context", "device", "id")
    former = message.get("previousId") if call == "alias" else None
    _add(found, "anonymous_id", former or message.get("anonymousId"))
    _add(found, "customer_id", message.get("userId"))
    found["order_id"] = properties.pop("orderId", None)  # as older versions of the specification call it
    for namespace in namespaces:
        value = properties.pop(namespace, None)
        found[namespace] = found.get(namespace) if value is None else value
    explicit = properties.pop("identifiers", None)
    if isinstance(explicit, dict):
        found.update(explicit)
    return {namespace: value for namespace, value in found.items() if value is not None}


def _add(found: JsonObject, namespace: str, value: object) -> None:
    """Add an identifier. An email address becomes `email`, to be pseudonymised; a user id overrides other addresses."""
    if not (isinstance(value, str) and "@" in value):
        found[namespace] = value
    elif namespace == "customer_id" or not found["email"]:
        found["email"] = value
