"""What a worker needs from the settings, and parameters that only workers have."""

from typing import Final

import msgspec

from pipeline.adapters.broker.servers import servers_of
from pipeline.catalogue.touchpoint import FAMILIES
from pipeline.settings.model import Settings

MEBIBYTE: Final = 1024 * 1024


class WorkerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One worker process. Times in milliseconds."""

    servers: tuple[str, ...]
    """Bootstrap servers; a `Servers` also says how to log in there."""
    group: str = "touchline"
    families: tuple[str, ...] = FAMILIES
    """The source families that it takes in."""
    mail_partitions: int = 8
    web_host: str = "127.0.0.1"
    web_port: int = 6066
    batch_records: int = 10_000
    """Records in a batch at most."""
    batch_bytes: int = 2 * MEBIBYTE
    """Bytes of values in a batch, give or take one record."""
    buffered_batches: int = 4
    """Batches that may wait for an agent, give or take one of each partition."""
    mail_record_bytes: int = 512 * 1024
    """Most bytes of a record of packed mail, unless a single message is larger."""
    largest_request_bytes: int = 16 * MEBIBYTE
    commit_interval_ms: int = 500
    session_timeout_ms: int = 8_000
    """A worker that is silent for this long loses its partitions. The others learn of it with their next heartbeat, and
    have `in_hand_timeout_ms` for their batches in hand, so a dead worker's partitions move within 15 s."""
    heartbeat_ms: int = 2_000
    send_timeout_ms: int = 60_000
    """How long the broker may take to acknowledge a record before the worker ends. An idempotent producer has no such
    limit while the partition has a leader: it retries."""
    in_hand_timeout_ms: int = 4_000
    """How long a rebalance or a stop waits for the batches in hand. Below the session timeout."""
    poll_limit_ms: int = 60_000
    """A partition with room in its buffer has stalled when the broker answers no fetch of it for this long."""
    standstill_limit_ms: int = 600_000
    """A position that stands still for longer, although batches were delivered and ClickHouse answers, has stalled."""
    rebalance_limit_ms: int = 180_000
    """A rebalance that takes longer has stalled."""
    stop_timeout_ms: int = 30_000
    """A graceful stop that takes longer is cut short."""
    wake_interval_ms: int = 1_000
    """How often to look for deadlines that have passed."""


def worker_settings(settings: Settings, index: int = 0) -> WorkerSettings:
    """The settings of the worker with this number on its machine, counted from 0.

    Raises:
        ValueError: The broker's address is malformed or missing.
    """
    return WorkerSettings(
        servers=servers_of(settings.broker, settings.kafka),
        group=settings.group,
        mail_partitions=settings.topics.mail_partitions,
        web_host=settings.web_host,
        web_port=settings.web_port + index,
    )
