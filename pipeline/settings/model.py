"""All settings, with their defaults."""

from typing import Annotated

from msgspec import Meta, Struct, field
from msgspec.structs import replace

from pipeline.events.intake_policy import IntakePolicy
from pipeline.frictions.policy import FrictionPolicy
from pipeline.identity.policy import IdentityPolicy
from pipeline.journeys.policy import JourneyPolicy
from pipeline.settings.collector import Collector
from pipeline.settings.kafka import Kafka
from pipeline.settings.listening import Host, Port
from pipeline.settings.secret import Secret

Count = Annotated[int, Meta(ge=1)]
Days = Annotated[int, Meta(ge=0, le=36_500)]


class Topics(Struct, frozen=True, kw_only=True):
    """Partitions and copies of the topics. A topic keeps its partition count for life: mailboxes depend on it."""

    raw_partitions: Count = 4
    """Partitions of each `touchpoints.<family>`."""
    mail_partitions: Count = 8
    """Partitions of `touchline.mail`: the most workers that can stitch at once."""
    dead_letter_partitions: Count = 1
    replication: Count = 1
    """Copies of each partition on a cluster; the embedded broker has one."""


class Retention(Struct, frozen=True, kw_only=True):
    """How many days rows are kept in ClickHouse; 0 keeps them forever."""

    touchpoints_days: Days = 0
    journeys_days: Days = 0
    frictions_days: Days = 0
    dead_letters_days: Days = 30


class Embedded(Struct, frozen=True, kw_only=True):
    """The broker and the ClickHouse endpoint that `touchline up` starts if none are configured."""

    host: Host = "127.0.0.1"
    """The address they listen on: the broker knows IPv4 only, and refers its clients to this address."""
    broker_port: Port = 9092
    clickhouse_port: Port = 8123
    broker_memory_mib: Count = 512
    """Resident memory at which the embedded broker is drained and replaced by a new process."""
    drain_timeout_ms: int = 60_000
    """How long a graceful stop waits until everything accepted is stored."""

    def __post_init__(self) -> None:
        """Refuse a host that the embedded broker cannot listen on.

        Raises:
            ValueError: `host` is an IPv6 address.
        """
        if ":" in self.host:
            raise ValueError(f"host: {self.host!r} is an IPv6 address, and the embedded broker listens on IPv4 only")


class Settings(Struct, frozen=True, kw_only=True):
    """Everything that can be configured."""

    data: str = ""
    """Directory of the embedded stack's data; empty: `touchline` in the user's data directory (XDG_DATA_HOME)."""
    broker: str = ""
    """Kafka bootstrap servers, `host:port[,host:port]`; empty: the embedded broker."""
    kafka: Kafka = field(default_factory=Kafka)
    clickhouse: str = ""
    """`http://user:password@host:8123/touchline`; empty: the embedded endpoint."""
    workers: Count = 1
    """Worker processes of `touchline up`."""
    worker_cache_mib: Count = 256
    """Memory, about, in which each worker caches active customers; others are read from ClickHouse again."""
    web_host: Host = "127.0.0.1"
    """Address on which workers serve metrics and health; in a container 0.0.0.0."""
    web_port: Port = 6066
    """Port of the first worker's metrics and health; the next workers take the next ports."""
    group: Annotated[str, Meta(min_length=1)] = "touchline"
    """Consumer group of the workers."""
    secret: Secret = Secret()
    """Key of the hash that replaces personal identifiers. Prefer `secret_file`, or let the stack make a key."""
    secret_file: str = ""
    """A file that holds the key."""
    schemas: tuple[str, ...] = ()
    """Directories with a deployment's own event types, in addition to the built-in ones."""
    topics: Topics = field(default_factory=Topics)
    retention: Retention = field(default_factory=Retention)
    embedded: Embedded = field(default_factory=Embedded)
    collector: Collector = field(default_factory=Collector)
    intake: IntakePolicy = field(default_factory=IntakePolicy)
    identity: IdentityPolicy = field(default_factory=IdentityPolicy)
    journeys: JourneyPolicy = field(default_factory=JourneyPolicy)
    frictions: FrictionPolicy = field(default_factory=FrictionPolicy)

    @property
    def journey_policy(self) -> JourneyPolicy:
        """`journeys`. Unless it sets `transaction_namespaces`, all transaction namespaces of `identity` span gaps."""
        spanning = self.journeys.transaction_namespaces
        if spanning != JourneyPolicy().transaction_namespaces:
            return self.journeys
        return replace(self.journeys, transaction_namespaces=spanning | self.identity.transactions)
