"""The accepted event: validated, normalised, pseudonymised and addressed."""

from hashlib import blake2b

import msgspec

_pristine = blake2b(digest_size=16)
"""Copied for every key, which costs half as much as creating a hash."""


class Event(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One touchpoint event as the stitch step sees it.

    Two events with the same `key` are copies of one event; the copy with the smallest `precedence` counts.
    """

    source: str
    """CloudEvents `source`, as sent."""
    id: str
    """CloudEvents `id`, as sent."""
    type: str
    """Event type of the catalogue, e.g. `web.page_viewed`."""
    time: int
    """When it happened: milliseconds since the epoch, UTC."""
    received_at: int
    """When Touchline received it: milliseconds since the epoch, UTC. A processing time: nothing is derived from it."""
    identifiers: tuple[str, ...]
    """All identifiers as `namespace:value`, strongest first; the first is the address. Never empty."""
    channel: str
    """The channel of the catalogue, or what the event itself says where the schema allows that."""
    probe: bool
    """Whether a mystery shopper or a synthetic check made it."""
    digest: int
    """Unsigned 64-bit hash of the canonical JSON of the event, without a stand-in time."""
    data: bytes
    """Canonical JSON of the event's `data`, identifiers pseudonymised."""

    @property
    def address(self) -> str:
        """The identifier of highest rank: the mailbox the event is posted to."""
        return self.identifiers[0]

    @property
    def key(self) -> bytes:
        """16 bytes that are equal for all copies of an event: a hash of source, id and address.

        Lengths precede the parts, so that no two different triples hash the same text.
        """
        source, name = self.source, self.id
        hashed = _pristine.copy()
        hashed.update(f"{len(source)}:{source}{len(name)}:{name}{self.identifiers[0]}".encode())
        return hashed.digest()

    @property
    def precedence(self) -> tuple[int, int, int]:
        """Order among copies of one event: the smallest counts, whichever came first."""
        return self.digest, self.time, self.received_at
