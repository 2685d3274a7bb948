"""What a stack consists of, decided before anything starts."""

import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from pipeline.adapters.broker.servers import EMBEDDED
from pipeline.adapters.serving.loopback import EVERYWHERE, bracketed
from pipeline.adapters.stack.ports import Wanted, require_free
from pipeline.settings.model import Settings

GIVE_BACK = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(64 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(1024 * 1024),
}
"""For glibc, which otherwise keeps blocks up to the size of the largest freed one on its heaps, and has up to eight
arenas per core: after bursts a worker held a hundred mebibytes of free memory."""


class StackPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses, processes and files of one stack."""

    settings: Settings
    data: Path
    config: Path | None
    """The settings file that workers read too."""
    secret_file: Path | None
    """The key that the stack generated; None if the settings provide one."""
    environment: dict[str, str]
    """The environment that all processes start from."""

    @property
    def embedded_broker(self) -> bool:
        """Whether the stack runs its own broker."""
        return not self.settings.broker

    @property
    def embedded_clickhouse(self) -> bool:
        """Whether the stack runs its own ClickHouse endpoint."""
        return not self.settings.clickhouse

    @property
    def broker(self) -> str:
        """The address for producers, of the gate if the broker is embedded: `host:port[,host:port]`."""
        embedded = self.settings.embedded
        return self.settings.broker or f"{embedded.host}:{embedded.broker_port}"

    @property
    def clickhouse(self) -> str:
        """The URL of ClickHouse."""
        embedded = self.settings.embedded
        return self.settings.clickhouse or f"http://default:@{embedded.host}:{embedded.clickhouse_port}/touchline"

    @property
    def metrics(self) -> tuple[str, ...]:
        """One URL per worker."""
        return metrics_urls(self.settings)

    @property
    def collector(self) -> str:
        """The URL of the collector; empty if there is none."""
        own = self.settings.collector
        return f"http://{bracketed(own.host)}:{own.port}" if own.enabled else ""

    def log(self, name: str) -> Path:
        """The log file of a process."""
        return self.data / "logs" / f"{name}.log"

    def endpoint_command(self) -> list[str]:
        """The embedded ClickHouse endpoint."""
        embedded = self.settings.embedded
        module = "pipeline.adapters.clickhouse.endpoint"
        directory = str(self.data / "clickhouse")
        port = str(embedded.clickhouse_port)
        return [sys.executable, "-m", module, "--data", directory, "--host", embedded.host, "--port", port]

    def worker_command(self, index: int) -> list[str]:
        """One worker."""
        return [sys.executable, "-m", "agents", "worker", "--index", str(index)]

    def collector_command(self) -> list[str]:
        """The HTTP collector."""
        return [sys.executable, "-m", "agents.collector"]

    def worker_environment(self, broker: str) -> dict[str, str]:
        """A worker's environment: the common one, overridden by the effective addresses."""
        carried: Mapping[str, str] = {
            "TOUCHLINE_CLICKHOUSE": self.clickhouse,
            "TOUCHLINE_DATA": str(self.data),
            "TOUCHLINE_WEB_PORT": str(self.settings.web_port),
            "TOUCHLINE_WORKERS": str(self.settings.workers),
        }
        secret = {"TOUCHLINE_SECRET_FILE": str(self.secret_file)} if self.secret_file else {}
        return {**GIVE_BACK, **self._environment(broker), **carried, **secret}

    def collector_environment(self) -> dict[str, str]:
        """The collector's environment: it sends through the gate, like every producer."""
        return {**self._environment(self.broker), "TOUCHLINE_COLLECTOR__PORT": str(self.settings.collector.port)}

    def _environment(self, broker: str) -> dict[str, str]:
        address = {"TOUCHLINE_BROKER": f"{EMBEDDED}{broker}" if self.embedded_broker else broker}
        named = {"TOUCHLINE_CONFIG": str(self.config.absolute())} if self.config else {}
        return {**self.environment, **address, **named, "PYTHONUNBUFFERED": "1"}

    def require_ports(self) -> None:
        """Require every port to be free before anything starts.

        Raises:
            PortInUseError: One is not; says which setting changes it.
        """
        require_free(wanted_ports(self.settings))


def worker_url(settings: Settings, index: int) -> str:
    """The URL at which this machine reaches a worker's web server."""
    host = EVERYWHERE.get(settings.web_host, settings.web_host)
    return f"http://{bracketed(host)}:{settings.web_port + index}"


def metrics_urls(settings: Settings) -> tuple[str, ...]:
    """The URLs of the metrics of a stack's workers, one for each."""
    return tuple(f"{worker_url(settings, index)}/metrics" for index in range(settings.workers))


def wanted_ports(settings: Settings) -> list[Wanted]:
    """Where the servers of a stack listen."""
    embedded, own = settings.embedded, settings.collector
    wanted: list[Wanted] = []
    if not settings.broker:
        broker = Wanted(
            embedded.host, embedded.broker_port, "the embedded broker", "embedded.broker_port", "embedded.host"
        )
        wanted.append(broker)
    if not settings.clickhouse:
        port = embedded.clickhouse_port
        wanted.append(
            Wanted(embedded.host, port, "the ClickHouse endpoint", "embedded.clickhouse_port", "embedded.host")
        )
    if own.enabled:
        wanted.append(Wanted(own.host, own.port, "the collector", "collector.port", "collector.host"))
    workers = range(settings.workers)
    pages = [
        Wanted(settings.web_host, settings.web_port + index, f"worker {index}'s web server", "web_port", "web_host")
        for index in workers
    ]
    return [*wanted, *pages]
