"""Configuration of identity: namespaces with class and rank, sharing limits, link resolution."""

from enum import StrEnum

import msgspec


class NamespaceClass(StrEnum):
    """What kind of thing an identifier names."""

    PERSON = "person"
    DEVICE = "device"
    TRANSACTION = "transaction"


class Namespace(msgspec.Struct, frozen=True):
    """Class and rank of one namespace; a higher rank is a stronger identifier."""

    kind: NamespaceClass
    rank: int


DEFAULT_NAMESPACES: dict[str, Namespace] = {
    "customer_id": Namespace(NamespaceClass.PERSON, 100),
    "loyalty_id": Namespace(NamespaceClass.PERSON, 90),
    "email": Namespace(NamespaceClass.PERSON, 80),
    "phone": Namespace(NamespaceClass.PERSON, 70),
    "device_id": Namespace(NamespaceClass.DEVICE, 40),
    "anonymous_id": Namespace(NamespaceClass.DEVICE, 30),
    "order_id": Namespace(NamespaceClass.TRANSACTION, 20),
    "ticket_id": Namespace(NamespaceClass.TRANSACTION, 18),
    "receipt_id": Namespace(NamespaceClass.TRANSACTION, 16),
    "parcel_id": Namespace(NamespaceClass.TRANSACTION, 14),
}


class IdentityPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How identifiers are weighed."""

    namespaces: dict[str, Namespace] = msgspec.field(default_factory=lambda: dict(DEFAULT_NAMESPACES))
    link_resolution_ms: int = 5 * 60 * 1000
    """Times of direct links are rounded down to a multiple of this."""
    shared_limit: int = 5
    """A person or device with links to more distinct targets is shared."""
    shared_limit_transaction: int = 10
    """A transaction with direct links to more distinct targets is shared."""

    def namespace(self, identifier: str) -> Namespace:
        """Look up the namespace of `namespace:value`.

        Raises:
            KeyError: The namespace is not configured; accepted events never carry such an identifier.
        """
        return self.namespaces[identifier.partition(":")[0]]
