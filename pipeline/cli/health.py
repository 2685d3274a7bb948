"""The health of every part, gathered for `touchline status`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import msgspec
from clickhouse_connect.driver.client import Client

from pipeline.adapters.broker.admin import BrokerAdmin
from pipeline.adapters.broker.errors import BrokerUnavailableError
from pipeline.adapters.broker.position import Position
from pipeline.adapters.broker.watching import oldest_at
from pipeline.adapters.stack.probes import answers_ok
from pipeline.catalogue.topics import MAIL_TOPIC, RAW_TOPICS
from pipeline.cli.context import Context
from pipeline.cli.errors import CommandError
from pipeline.cli.reading import reader

OLDEST_SECONDS = 3.0
_SOURCES = """
SELECT source, toUnixTimestamp64Milli(max(received_at)), toUnixTimestamp64Milli(max(time))
FROM touchpoints GROUP BY source ORDER BY source
"""
_REASONS = "SELECT reason, count() FROM dead_letters WHERE replayed_at IS NULL GROUP BY reason ORDER BY 2 DESC, 1"


class Part(msgspec.Struct):
    """A server or process: where it is, and what is wrong with it."""

    address: str
    reachable: bool = False
    problem: str = ""


class PartitionLag(msgspec.Struct, frozen=True):
    """How far the workers are behind in one partition."""

    topic: str
    partition: int
    committed: int
    end: int

    @property
    def behind(self) -> int:
        """Messages that are sent and not yet stored."""
        return max(0, self.end - self.committed)


class SourceActivity(msgspec.Struct, frozen=True):
    """The last event of a source family. Milliseconds since the epoch."""

    source: str
    last_received_at: int
    last_event_time: int


class Oldest(msgspec.Struct, frozen=True):
    """The oldest event that is not yet stored."""

    topic: str
    partition: int
    sent_at: int
    """Milliseconds since the epoch."""
    age_seconds: float


class Health(msgspec.Struct):
    """Everything that `touchline status` shows."""

    healthy: bool
    broker: Part
    clickhouse: Part
    workers: list[Part]
    collector: Part | None = None
    """None if no stack runs here, or it runs without a collector."""
    lag: list[PartitionLag] = []
    sources: list[SourceActivity] = []
    dead_letters: dict[str, int] = {}
    oldest_unprocessed: Oldest | None = None


def gather_health(context: Context) -> Health:
    """Ask every part; one that does not answer is reported, not raised."""
    health = Health(
        healthy=False,
        broker=Part(",".join(context.broker_servers)),
        clickhouse=Part(_without_user(context.clickhouse_url)),
        workers=[
            _served(url.removesuffix("/metrics"), "it runs, but takes no events yet") for url in context.metrics_urls
        ],
    )
    if context.running is not None and context.running.collector:
        health.collector = _served(context.running.collector, "it runs, but cannot reach the broker")
    with _noted(health.broker):
        _ask_broker(context, health)
    with _noted(health.clickhouse), reader(context) as client:
        _ask_clickhouse(client, health)
    parts = (health.broker, health.clickhouse, *health.workers, *([health.collector] if health.collector else []))
    health.healthy = all(part.reachable for part in parts)
    return health


@contextmanager
def _noted(part: Part) -> Iterator[None]:
    try:
        yield
    except (BrokerUnavailableError, CommandError) as error:
        part.problem = error.message if isinstance(error, CommandError) else str(error)
    else:
        part.reachable = True


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _served(address: str, unready: str) -> Part:
    """The state of a process that reports over HTTP whether it is ready."""
    if answers_ok(f"{address}/readyz"):
        return Part(address, reachable=True)
    alive = answers_ok(f"{address}/healthz")
    return Part(address, reachable=False, problem=unready if alive else "it does not answer")


def _ask_broker(context: Context, health: Health) -> None:
    with BrokerAdmin(context.broker_servers) as admin:
        partitions = admin.partitions()
        missing = [topic for topic in (*RAW_TOPICS, MAIL_TOPIC) if topic not in partitions]
        if missing:
            raise BrokerUnavailableError(f"the broker lacks {', '.join(missing)}: run `touchline topics`")
        positions = [(topic, number) for topic in (*RAW_TOPICS, MAIL_TOPIC) for number in range(partitions[topic])]
        committed, ends = admin.committed(context.settings.group), admin.ends(positions)
    health.lag = [PartitionLag(*position, committed.get(position, 0), ends.get(position, 0)) for position in positions]
    health.oldest_unprocessed = _oldest(context, [lag for lag in health.lag if lag.behind])


def _oldest(context: Context, lags: list[PartitionLag]) -> Oldest | None:
    waiting: dict[Position, int] = {(lag.topic, lag.partition): lag.committed for lag in lags}
    if not waiting:
        return None
    found = oldest_at(context.broker_servers, waiting, OLDEST_SECONDS)
    if not found:
        return None
    (topic, partition), sent_at = min(found.items(), key=lambda item: item[1])
    return Oldest(topic, partition, sent_at, round(time.time() - sent_at / 1000, 1))


def _ask_clickhouse(client: Client, health: Health) -> None:
    health.sources = [SourceActivity(*row) for row in client.query(_SOURCES).result_rows]
    health.dead_letters = {str(reason): int(count) for reason, count in client.query(_REASONS).result_rows}
