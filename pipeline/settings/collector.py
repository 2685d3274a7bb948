"""How the collector takes events in over HTTP."""

import re
from typing import Annotated, Final

from msgspec import Meta, Struct, field

from pipeline.collecting.segment_types import snake_case
from pipeline.events.routing import Unroutable, topic_of
from pipeline.settings.listening import Host, Port
from pipeline.settings.secret import Secret

Bytes = Annotated[int, Meta(ge=1_024)]
Mebibytes = Annotated[int, Meta(ge=1)]
Milliseconds = Annotated[int, Meta(ge=1, le=2**31 - 1)]
"""Kafka's clients and brokers count timeouts in 32 bits."""
ORIGIN: Final = re.compile(r"\*|[a-z][a-z0-9+.-]*://[^/?#@*\s]+/?", re.IGNORECASE)
"""An origin as a browser sends it: scheme, host and, unless it is the scheme's default, port; or `*`."""


class Collector(Struct, frozen=True, kw_only=True):
    """The HTTP collector."""

    enabled: bool = True
    """Whether `touchline up` and `touchline demo` run it."""
    host: Host = "127.0.0.1"
    """Address on which it listens; in a container 0.0.0.0."""
    port: Port = 8080
    origins: tuple[str, ...] = ()
    """Origins whose pages may send events, such as `https://shop.example`; `*` for all. Others are refused."""
    write_keys: dict[str, Secret] = field(default_factory=dict)
    """Keys by name. If there are any, every request must present one; its name becomes part of the source of Segment's
    calls."""
    max_body_bytes: Bytes = 4 * 1024 * 1024
    """The largest body, after decompression."""
    in_flight_mib: Mebibytes = 32
    """Mebibytes of bodies that may wait for the broker, in all; requests beyond that are told to retry."""
    body_timeout_ms: Milliseconds = 30_000
    """How long a body may take to arrive."""
    acknowledge_timeout_ms: Milliseconds = 10_000
    """How long the broker may take to acknowledge; after that the request is told to retry."""
    stop_timeout_ms: Milliseconds = 20_000
    """How long a graceful stop waits for requests in flight."""
    segment_types: dict[str, str] = field(default_factory=dict)
    """Event types by the name of Segment's track calls; they override the built-in table."""

    def __post_init__(self) -> None:
        """Refuse origins that no browser sends, and event types that have no topic.

        Raises:
            ValueError: One of `origins` is no origin, or one of `segment_types` names no source family.
        """
        for origin in self.origins:
            if not ORIGIN.fullmatch(origin):
                raise ValueError(f"origins: {origin!r} is no site; write it as https://shop.example, or * for all")
        for name, event_type in self.segment_types.items():
            topic = topic_of({"type": event_type})
            if isinstance(topic, Unroutable):
                raise ValueError(f"segment_types: {name!r}: {topic.detail}")

    @property
    def types_by_name(self) -> dict[str, str]:
        """`segment_types` with the names in snake case."""
        return {snake_case(name): event_type for name, event_type in self.segment_types.items()}
