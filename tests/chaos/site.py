"""The cluster that faults strike: brokers, a ClickHouse endpoint and workers, each a process of its own."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from pipeline.adapters.broker.admin import BrokerAdmin
from pipeline.adapters.broker.ledger import settle
from pipeline.adapters.broker.topics import ensure_topics
from pipeline.adapters.clickhouse.client import connect
from pipeline.adapters.clickhouse.migrate import MigrationSettings, migrate
from pipeline.settings.model import Topics
from tests.chaos.answer import DATABASE
from tests.chaos.watch import STORED
from tests.chaos.workers import WorkerProcess
from tests.servers.clickhouse import ClickHouseProcess
from tests.servers.kafka import KafkaCluster
from tests.servers.processes import environment
from tests.servers.stack import free_range

SECRET: Final = "the key of the fault suite"
GROUP: Final = "touchline"
PASSWORD: Final = "of-the-fault-suite"
MOST_WORKERS: Final = 32
"""How many may be started in a run, all in all: each has a port of its own."""


class Site:
    """Starts all processes on entering, and ends them on leaving."""

    def __init__(
        self,
        directory: Path,
        *,
        brokers: int = 3,
        workers: int = 2,
        broker_host: str = "127.0.0.1",
        clickhouse_host: str = "127.0.0.1",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare; nothing is started yet. `settings`: further environment variables of all workers."""
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.cluster = KafkaCluster(directory / "kafka", brokers, host=broker_host)
        self.clickhouse = ClickHouseProcess(directory / "clickhouse", host=clickhouse_host, password=PASSWORD)
        self.workers: list[WorkerProcess] = []
        self._count = workers
        self._settings = dict(settings or {})
        self._topics = Topics(replication=brokers)
        self._web_port = free_range(MOST_WORKERS)

    @property
    def url(self) -> str:
        """The URL of the database in ClickHouse."""
        return f"{self.clickhouse.url}/{DATABASE}"

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def new_worker(self, prefix: Sequence[str] = (), settings: Mapping[str, str] | None = None) -> WorkerProcess:
        """Start one more worker."""
        index = len(self.workers)
        environment = {**self._environment(), **(settings or {})}
        worker = WorkerProcess(index, environment, self.directory / f"worker-{index}.log", prefix)
        self.workers.append(worker)
        worker.start()
        return worker

    def settle(self, seconds: float) -> None:
        """Wait until everything that the brokers accepted is stored."""
        settle(self.cluster.servers, GROUP, seconds)

    def processes(self) -> dict[str, int]:
        """The ids of the processes that run now, by name."""
        found = {f"worker {worker.index}": worker.running_id for worker in self.workers}
        found |= {f"broker {number}": each.running_id for number, each in enumerate(self.cluster.brokers, 1)}
        found["ClickHouse"] = self.clickhouse.running_id
        return {name: number for name, number in found.items() if number is not None}

    def stored(self) -> int:
        """How many events are in the tables."""
        client = connect(self.url)
        try:
            return int(client.query(STORED).result_rows[0][0])
        finally:
            client.close()

    def stored_of(self, customer: str) -> int:
        """How many touchpoints a customer has."""
        client = connect(self.url)
        try:
            asked = {"customer": customer}
            found = client.query("SELECT count() FROM touchpoints WHERE customer = %(customer)s", parameters=asked)
            return int(found.result_rows[0][0])
        finally:
            client.close()

    def start_workers(self) -> None:
        """Start as many workers as were asked for; a fault may add others."""
        for _ in range(self._count):
            self.new_worker()

    def _start(self) -> None:
        self.cluster.start()
        self.clickhouse.start()
        client = connect(self.clickhouse.url, database="default")
        migrate(client, MigrationSettings(database=DATABASE))
        client.close()
        with BrokerAdmin(self.cluster.servers) as admin:
            ensure_topics(admin, self._topics)
        self.start_workers()
        for worker in self.workers:
            worker.wait_until_ready()

    def _end(self) -> None:
        for worker in self.workers:
            worker.end()
        self.clickhouse.kill()
        self.cluster.kill()

    def _environment(self) -> dict[str, str]:
        own = {
            "BROKER": self.cluster.url,
            "CLICKHOUSE": self.url,
            "DATA": str(self.directory),
            "SECRET": SECRET,
            "WEB_PORT": str(self._web_port),
        }
        return {**environment(own), "PYTHONUNBUFFERED": "1", **self._settings}
