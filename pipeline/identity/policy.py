"""Configuration of identity: namespaces with class and rank, sharing limits, link resolution."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

import msgspec

Positive = Annotated[int, msgspec.Meta(ge=1)]


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


class UnknownNamespaceError(LookupError):
    """Mail or stored mailboxes name identifiers of namespaces that the settings do not know.

    A made-up rank could send touches in circles: links lead up in rank, and the existing ones were made under the rank
    that the namespace had.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(sorted(names))
        tables = ", ".join(f"[identity.namespaces.{name}]" for name in self.names)
        super().__init__(
            f"there are identifiers of namespaces that these settings do not know: {', '.join(self.names)}. Give every "
            f"worker {tables} with the kind and rank that other workers have, or that it had before it was taken out "
            "of the settings; until then this mail waits, and nothing is lost"
        )


class IdentityPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How identifiers are weighed."""

    namespaces: dict[str, Namespace] = msgspec.field(default_factory=lambda: dict(DEFAULT_NAMESPACES))
    link_resolution_ms: Positive = 5 * 60 * 1000
    """Times of direct links are rounded down to a multiple of this."""
    shared_limit: Positive = 5
    """A person or device with links to more distinct targets is shared."""
    shared_limit_transaction: Positive = 10
    """A transaction with direct links to more distinct targets is shared."""

    def __post_init__(self) -> None:
        """Refuse a name that is empty or holds a colon: `namespace:value` would be read with another namespace.

        Raises:
            ValueError: A namespace's name is empty or holds a colon.
        """
        for name in self.namespaces:
            if not name or ":" in name:
                raise ValueError(f"namespaces must have names without a colon, not {name!r}")

    @property
    def transactions(self) -> frozenset[str]:
        """The namespaces of transactions."""
        kinds = self.namespaces.items()
        return frozenset(name for name, namespace in kinds if namespace.kind is NamespaceClass.TRANSACTION)

    def namespace(self, identifier: str) -> Namespace:
        """Look up the namespace of `namespace:value`.

        Raises:
            UnknownNamespaceError: It is not configured here. Events that were accepted here never carry such an
                identifier; mail and stored mailboxes may, if they were written under other settings.
        """
        name = identifier.partition(":")[0]
        try:
            return self.namespaces[name]
        except KeyError:
            raise UnknownNamespaceError([name]) from None
