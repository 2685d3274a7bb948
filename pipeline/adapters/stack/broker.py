"""The embedded broker of a stack: its processes, and the gate in front of the current one."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from pipeline.adapters.broker.admin import BrokerAdmin
from pipeline.adapters.broker.errors import BrokerUnavailableError
from pipeline.adapters.broker.tansu import HOST, broker_command, gate_command, quiet
from pipeline.adapters.broker.topics import ensure_topics
from pipeline.adapters.stack.background import in_background
from pipeline.adapters.stack.child import Child, resident_bytes
from pipeline.adapters.stack.kept import KeptChild, StartError
from pipeline.adapters.stack.notice import Report
from pipeline.adapters.stack.plan import StackPlan
from pipeline.adapters.stack.ports import free_port
from pipeline.adapters.stack.probes import port_probe

READY_SECONDS = 15.0
STOP_SECONDS = 2.0
MEBIBYTE = 1024 * 1024


class BrokerProcess(msgspec.Struct, frozen=True):
    """One broker process with its private port. Its data is lost when it ends."""

    kept: KeptChild
    port: int

    @property
    def server(self) -> str:
        """Its private address."""
        return f"{HOST}:{self.port}"

    @property
    def resident_mebibytes(self) -> float:
        """Its resident memory."""
        process_id = self.kept.child.pid
        return resident_bytes(process_id) / MEBIBYTE if process_id else 0.0


class EmbeddedBroker:
    """Starts broker processes and moves the gate between them."""

    def __init__(self, plan: StackPlan, report: Report) -> None:
        self._plan = plan
        self._report = report
        self._gate: KeptChild | None = None
        self._moving = asyncio.Lock()

    async def new_process(
        self, lost_everything: Callable[[], Awaitable[None]], recovered: Callable[[], Awaitable[None]]
    ) -> BrokerProcess:
        """Start a fresh broker and create its topics; producers do not reach it yet.

        Args:
            lost_everything: Called after it died and was restarted, before it has topics: nothing can commit yet.
            recovered: Called when it has its topics again, empty.

        Raises:
            StartError: It did not become ready.
        """
        port = free_port()
        child = Child("broker", broker_command(port), quiet(self._plan.environment), self._plan.log("broker"))

        async def create_topics() -> None:
            await in_background(lambda: self._create_topics(port))

        async def recover() -> None:
            await lost_everything()
            try:
                await create_topics()
            except BrokerUnavailableError as error:
                raise StartError(child, f"did not accept its topics: {error}") from error
            await recovered()

        kept = KeptChild(child, port_probe(HOST, port), self._report, READY_SECONDS, recover)
        try:
            await kept.start()
            await create_topics()
        except BaseException:
            await kept.kill()
            raise
        return BrokerProcess(kept, port)

    async def open_gate(self, process: BrokerProcess, *, patiently: bool = False) -> None:
        """Open the gate to this process; a gate to another one is shut first.

        Args:
            process: Where the gate leads.
            patiently: Whether to report and retry a gate that does not start.

        Raises:
            StartError: The gate did not become ready, and `patiently` is false.
        """
        async with self._moving:
            await self._shut_gate()
            await self._open_gate(process, patiently)

    async def reopen_gate(self, process: BrokerProcess) -> None:
        """Restart the gate, if it is open: it does not reconnect to a broker process that was restarted."""
        async with self._moving:
            if self._gate is not None:
                await self._shut_gate()
                await self._open_gate(process, patiently=True)

    async def shut_gate(self) -> None:
        """Shut the gate: connections of producers are refused, and they retry."""
        async with self._moving:
            await self._shut_gate()

    async def kill_gate(self) -> None:
        """Kill the gate."""
        async with self._moving:
            gate, self._gate = self._gate, None
            if gate is not None:
                await gate.kill()

    async def _open_gate(self, process: BrokerProcess, patiently: bool) -> None:
        embedded = self._plan.settings.embedded
        command = gate_command(embedded.host, embedded.broker_port, process.port)
        child = Child("gate", command, quiet(self._plan.environment), self._plan.log("gate"))
        gate = KeptChild(child, port_probe(embedded.host, embedded.broker_port), self._report, READY_SECONDS)
        self._gate = gate
        await (gate.start_patiently() if patiently else gate.start())

    async def _shut_gate(self) -> None:
        gate, self._gate = self._gate, None
        if gate is not None:
            await gate.stop(STOP_SECONDS)

    @property
    def gate_is_open(self) -> bool:
        """Whether producers can connect."""
        return self._gate is not None

    def _create_topics(self, port: int) -> None:
        with BrokerAdmin([f"{HOST}:{port}"]) as admin:
            ensure_topics(admin, self._plan.settings.topics)
