"""The whole stack on one machine: started in order, watched, drained and stopped in order."""

import os

from pipeline.adapters.broker.admin import BrokerAdmin
from pipeline.adapters.broker.servers import servers_of
from pipeline.adapters.broker.topics import TopicState, ensure_topics
from pipeline.adapters.clock import wall_clock
from pipeline.adapters.stack.background import in_background
from pipeline.adapters.stack.broker import EmbeddedBroker
from pipeline.adapters.stack.child import Child
from pipeline.adapters.stack.kept import KeptChild
from pipeline.adapters.stack.notice import Level, Notice, Report
from pipeline.adapters.stack.plan import StackPlan
from pipeline.adapters.stack.probes import http_probe
from pipeline.adapters.stack.renewal import RenewedBroker
from pipeline.adapters.stack.schema import migrate_schema
from pipeline.adapters.stack.state import StackState
from pipeline.adapters.stack.waiting import together
from pipeline.adapters.stack.workers import Workers

ENDPOINT_READY_SECONDS = 60.0
ENDPOINT_STOP_SECONDS = 30.0
ENDPOINT_KILL_SECONDS = 2.0
COLLECTOR_READY_SECONDS = 60.0
COLLECTOR_STOP_SECONDS = 30.0


class Stack:
    """Broker and gate, ClickHouse, workers, collector; without the parts for which the settings name an address."""

    def __init__(self, plan: StackPlan, report: Report) -> None:
        self.plan = plan
        self.workers = Workers(plan, report)
        self.broker: RenewedBroker | None = None
        """The embedded broker; None if the settings name another."""
        self.ready = False
        """Whether everything was started; before, nothing can have been accepted."""
        self.drained = not plan.embedded_broker
        """Whether the stack can end without loss: everything that its own broker accepted is stored."""
        self._report = report
        self._endpoint: KeptChild | None = None
        self._collector = self._new_collector() if plan.settings.collector.enabled else None
        if plan.embedded_broker:
            self.broker = RenewedBroker(EmbeddedBroker(plan, report), self.workers, plan.settings, report)

    async def start(self) -> StackState:
        """Start everything; returns when events can be sent and will be handled.

        Raises:
            PortInUseError: A port that is needed is taken.
            StartError: A part did not become ready.
            BinaryMissingError: The embedded broker's binary is not available.
            BrokerUnavailableError: The broker that the settings name does not answer.
            StoreUnavailableError: The ClickHouse that the settings name does not answer.
            MigrationError: The stored schema does not fit this version.
        """
        self.plan.require_ports()
        server, _ = await together(self._start_broker(), self._start_clickhouse())
        self._say(Level.DETAIL, f"starting {self.plan.settings.workers} worker(s)")
        await together(self.workers.start(server), self._start_collector())
        if self.broker is not None:
            await self.broker.open()
        self.ready = True
        return self._state()

    async def stop(self, drain_seconds: float) -> str:
        """Accept nothing more, store what was accepted, and stop all parts.

        Returns:
            An empty text, or what the embedded broker had accepted and could not be stored in time.
        """
        left = ""
        if self._collector is not None:
            await self._collector.stop(COLLECTOR_STOP_SECONDS)
        if self.broker is not None:
            self._say(Level.DETAIL, "closing the gate and storing what was accepted")
            left = await self.broker.close(drain_seconds)
            self.drained = not left
        self._say(Level.DETAIL, "stopping the workers")
        await self.workers.stop()
        if self.broker is not None:
            await self.broker.stop()
        if self._endpoint is not None:
            await self._endpoint.stop(ENDPOINT_STOP_SECONDS)
        return left

    async def kill(self) -> None:
        """Stop everything at once; what the embedded broker accepted and is not stored is lost."""
        if self.broker is not None:  # first: it may be about to start workers
            await self.broker.kill()
        await self.workers.kill()
        if self._collector is not None:
            await self._collector.kill()
        if self._endpoint is not None:
            await self._endpoint.stop(ENDPOINT_KILL_SECONDS)

    async def _start_broker(self) -> str:
        """Start or reach the broker; returns the address that workers use."""
        if self.broker is not None:
            return await self.broker.start()
        for state in await in_background(self._ensure_topics):
            if state.problem:
                self._say(Level.WARNING, state.problem)
        return self.plan.broker

    def _ensure_topics(self) -> list[TopicState]:
        with BrokerAdmin(servers_of(self.plan.broker, self.plan.settings.kafka)) as admin:
            return ensure_topics(admin, self.plan.settings.topics)

    async def _start_clickhouse(self) -> None:
        plan = self.plan
        if plan.embedded_clickhouse:
            child = Child("clickhouse", plan.endpoint_command(), plan.environment, plan.log("clickhouse"))
            embedded = plan.settings.embedded
            probe = http_probe(f"http://{embedded.host}:{embedded.clickhouse_port}/ping")
            self._endpoint = KeptChild(child, probe, self._report, ENDPOINT_READY_SECONDS)
            await self._endpoint.start()
        for migration in await in_background(lambda: migrate_schema(plan.clickhouse, plan.settings)):
            self._say(Level.DETAIL, f"applied migration {migration.version:04} {migration.name}")

    def _new_collector(self) -> KeptChild:
        plan = self.plan
        child = Child("collector", plan.collector_command(), plan.collector_environment(), plan.log("collector"))
        return KeptChild(child, http_probe(f"{plan.collector}/healthz"), self._report, COLLECTOR_READY_SECONDS)

    async def _start_collector(self) -> None:
        """Start it beside the workers, while the gate is still shut: it waits for the gate, and requests wait too."""
        if self._collector is not None:
            await self._collector.start()

    def _state(self) -> StackState:
        return StackState(
            pid=os.getpid(),
            broker=self.plan.broker,
            clickhouse=self.plan.clickhouse,
            metrics=self.plan.metrics,
            collector=self.plan.collector,
            embedded_broker=self.plan.embedded_broker,
            embedded_clickhouse=self.plan.embedded_clickhouse,
            started_at=wall_clock(),
        )

    def _say(self, level: Level, text: str) -> None:
        self._report(Notice(level, text))
