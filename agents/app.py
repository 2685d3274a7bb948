"""The Faust application of a worker."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import faust

from agents import group, lag, pages, reach, standing, stitch, watchdog
from agents.courier import Courier, Header, Send
from agents.failure import Failure
from agents.health import Health
from agents.ingest import agent as ingest
from agents.ingest.path import IngestPath
from agents.ingest.ports import Intake
from agents.ownership import Ownership
from agents.reach import Reach
from agents.rejections import DeadLetterStore, Rejections
from agents.settings import WorkerSettings
from agents.standstill import Standstill
from agents.stitch import StitchFlow
from agents.transport.access import credentials
from agents.transport.batch import BatchLimits
from agents.transport.driver import SCHEME, BatchTransport, register
from pipeline.adapters.broker.servers import access_of
from pipeline.adapters.clickhouse.standing import Standing
from pipeline.adapters.clock import steady_clock, wall_clock
from pipeline.adapters.metrics import Metrics
from pipeline.adapters.serving.loopback import bracketed
from pipeline.identity.policy import IdentityPolicy
from pipeline.stitching.register import Register
from pipeline.stitching.stitcher import Stitcher
from pipeline.stitching.tally import Tally

LAG_INTERVAL_MS = 2_000


@dataclass(frozen=True)
class Dependencies:
    """What the agents work with."""

    intake: Intake
    identity: IdentityPolicy
    stitcher: Stitcher
    register: Register
    dead_letters: DeadLetterStore
    metrics: Metrics
    failure: Failure
    standing: Callable[[], Standing] = lambda: Standing({}, {})
    """Open journeys and order value at risk over all customers; blocks."""
    store_answers: Callable[[], bool] = lambda: True
    """Whether ClickHouse answers; blocks, and does not raise."""
    clock: Callable[[], int] = wall_clock


class WorkerApp(faust.App):  # type: ignore[misc] # Faust's types are not followed
    """An application without tables, on the batch transport."""

    limits = BatchLimits()
    """To be set before the application is started."""
    idempotence = False
    """Whether the producer is idempotent, so that the broker drops duplicates; set it as early as `limits`."""

    def _new_transport(self) -> BatchTransport:
        transport: BatchTransport = super()._new_transport()
        transport.limits = self.limits
        transport.idempotence = self.idempotence
        return transport

    def _create_directories(self) -> None:
        """Create none: Faust's directories hold tables."""


def create_app(settings: WorkerSettings, dependencies: Dependencies) -> WorkerApp:
    """Build a worker: the agents that take in and stitch, the background tasks, and the pages.

    Nothing is connected before the application is started.
    """
    app = _application(settings)
    courier = Courier(_send_through(app), settings.mail_partitions, settings.mail_record_bytes)
    rejections = Rejections(dependencies.dead_letters, courier, dependencies.metrics)
    ownership = Ownership()
    group.follow(app, ownership)
    _register_ingest(app, settings, dependencies, courier, rejections)
    _register_stitch(app, settings, dependencies, courier, rejections, ownership)
    store = Reach(dependencies.store_answers)
    reach.register(app, store)
    watchdog.register(app, _watch(settings, dependencies, store))
    lag.register(app, dependencies.metrics.lag, dependencies.metrics.positions, LAG_INTERVAL_MS)
    standing.register(app, dependencies.standing, lambda: ownership.owns(0), dependencies.metrics)
    member = group.WorkerGroup(app)
    health = Health(lambda: bool(app.should_stop), lambda: member.joined, ownership, dependencies.failure, store)
    pages.register(app, dependencies.metrics, health)
    return app


def _watch(settings: WorkerSettings, dependencies: Dependencies, store: Reach) -> watchdog.Watch:
    return watchdog.Watch(
        watchdog.Watchdog(settings.poll_limit_ms, settings.rebalance_limit_ms),
        Standstill(settings.standstill_limit_ms),
        store,
        dependencies.failure,
        steady_clock,
        dependencies.metrics.gauge("touchline_worker_standstill_seconds").set,
    )


LONGEST_OUTAGE_S: Final = 86_400.0
"""How long a worker that waits for ClickHouse may fetch nothing before it leaves its group. Heartbeats and the watchdog
show whether it is alive."""


def _application(settings: WorkerSettings) -> WorkerApp:
    register()
    app = WorkerApp(
        settings.group,
        broker=[f"{SCHEME}://{server}" for server in settings.servers],
        broker_credentials=credentials(access_of(settings.servers)),
        autodiscover=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        reply_create_topic=False,
        broker_commit_interval=settings.commit_interval_ms / 1000,
        broker_session_timeout=settings.session_timeout_ms / 1000,
        broker_heartbeat_interval=settings.heartbeat_ms / 1000,
        broker_max_poll_interval=LONGEST_OUTAGE_S,
        consumer_max_fetch_size=settings.batch_bytes,
        consumer_auto_offset_reset="earliest",
        producer_acks=-1,
        producer_compression_type="lz4",  # kafka-python, which `tail` and `status` read with, knows no Zstandard
        producer_linger=0.0,
        producer_max_batch_size=settings.mail_record_bytes,
        producer_max_request_size=settings.largest_request_bytes,
        producer_request_timeout=settings.send_timeout_ms / 1000,
        stream_buffer_maxsize=settings.buffered_batches,
        stream_wait_empty=True,
        web_host=bracketed(settings.web_host),
        web_bind=settings.web_host,
        web_port=settings.web_port,
        web_in_thread=False,
        web_metrics_enabled=False,
        web_stats_enabled=False,
        web_graph_enabled=False,
        web_router_enabled=False,
        web_tables_enabled=False,
        worker_redirect_stdouts=False,
    )
    app.idempotence = access_of(settings.servers).idempotence
    app.limits = BatchLimits(
        records=settings.batch_records,
        bytes=settings.batch_bytes,
        in_hand_seconds=settings.in_hand_timeout_ms / 1000,
    )
    return app


def _register_ingest(
    app: WorkerApp, settings: WorkerSettings, dependencies: Dependencies, courier: Courier, rejections: Rejections
) -> None:
    path = IngestPath(
        dependencies.intake,
        dependencies.identity,
        courier,
        rejections,
        dependencies.metrics,
        dependencies.clock,
    )
    ingest.register(app, settings.families, path, dependencies.failure)


def _register_stitch(
    app: WorkerApp,
    settings: WorkerSettings,
    dependencies: Dependencies,
    courier: Courier,
    rejections: Rejections,
    ownership: Ownership,
) -> None:
    flow = StitchFlow(
        dependencies.stitcher,
        ownership,
        courier,
        rejections,
        dependencies.metrics,
        dependencies.clock,
        group.WorkerGroup(app),
        Tally(dependencies.register),
    )
    stitch.register(app, flow, settings.wake_interval_ms, dependencies.failure)


def _send_through(app: faust.App) -> Send:
    """Send through the worker's only producer: aiokafka keeps the records of a partition in order, retries included."""

    async def send(topic: str, partition: int | None, value: bytes, headers: Sequence[Header]) -> Awaitable[object]:
        acknowledgement: Awaitable[object] = await app.producer.send(topic, None, value, partition, None, headers)
        return acknowledgement

    return send
