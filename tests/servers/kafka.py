"""Apache Kafka brokers in processes of their own, for tests: one, or a cluster of three."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from pipeline.adapters.stack.child import LEASH
from pipeline.adapters.stack.ports import is_free
from tests.servers.kafka_jars import kafka_jars
from tests.servers.ports import free_ports

START_SECONDS: Final = 90.0
STOP_SECONDS: Final = 60.0
CLUSTER_ID: Final = "dG91Y2hsaW5lLXRlc3RzMQ"
JAVA: Final = ("java", "-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""The whole heap is allocated at the start: one that fills, or grows after an hour, looks like a leak."""
LOG_LEVEL: Final = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"


class KafkaBroker:
    """One broker, which is also a controller; it keeps its port and its data over restarts."""

    def __init__(self, directory: Path, properties: Mapping[str, str], host: str, port: int) -> None:
        """Write the configuration into a directory that does not exist yet."""
        directory.mkdir(parents=True)
        self.address = f"{host}:{port}"
        self.log = directory / "log"
        """What the broker wrote, over all its starts."""
        self._host, self._port = host, port
        self._config = directory / "server.properties"
        lines = {**properties, "log.dirs": str(directory / "data")}
        self._config.write_text("".join(f"{key}={value}\n" for key, value in lines.items()))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def running_id(self) -> int | None:
        """Process id; None if it does not run."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def format(self, scram: Sequence[str] = ()) -> None:
        """Make the empty data directory, with the users that `kafka-storage.sh format --add-scram` takes."""
        command = [*_java("kafka.tools.StorageTool"), "format", "-t", CLUSTER_ID, "-c", str(self._config)]
        command += [argument for credentials in scram for argument in ("--add-scram", credentials)]
        subprocess.run(command, check=True, capture_output=True, timeout=START_SECONDS)

    def start(self) -> None:
        """Start, without waiting until it is ready."""
        command = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), *_java("kafka.Kafka"), str(self._config)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def wait_until_it_listens(self) -> None:
        """Wait until it accepts connections."""
        deadline = time.monotonic() + START_SECONDS
        while is_free(self._host, self._port):
            if not self.running or time.monotonic() > deadline:
                raise RuntimeError(f"the broker did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.1)

    def send_signal(self, number: signal.Signals) -> None:
        """Signal the process."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """SIGTERM, and wait for the end."""
        if self._process is not None and self.running:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            finally:
                self._process.kill()


class KafkaCluster:
    """Brokers that replicate to each other; every topic has a copy on each."""

    def __init__(
        self,
        directory: Path,
        brokers: int = 1,
        *,
        host: str = "127.0.0.1",
        secured: Mapping[str, str] | None = None,
        scram: Sequence[str] = (),
    ) -> None:
        """Prepare.

        Args:
            directory: Gets a directory for each broker.
            brokers: How many.
            host: The address they listen on.
            secured: Settings of one more listener, `SECURED`, with SASL over TLS.
            scram: The users that may log in there by SCRAM: `SCRAM-SHA-512=[name=...,password=...]`.
        """
        self._host = host
        self._scram = scram
        chosen = free_ports(3 * brokers, host)
        self._secured_ports = chosen[2 * brokers :] if secured else []
        ports = list(zip(chosen[:brokers], chosen[brokers : 2 * brokers], strict=True))
        voters = ",".join(f"{number}@{host}:{controller}" for number, (_, controller) in enumerate(ports, 1))
        shared = {**SMALL, **_copies(brokers), "controller.quorum.voters": voters, **_prefixed(secured or {})}
        self.brokers: Sequence[KafkaBroker] = [
            KafkaBroker(directory / f"broker-{number}", {**shared, **self._own(number, *own)}, host, own[0])
            for number, own in enumerate(ports, 1)
        ]

    @property
    def servers(self) -> list[str]:
        """Bootstrap servers."""
        return [broker.address for broker in self.brokers]

    @property
    def secured_servers(self) -> list[str]:
        """Bootstrap servers that require a log-in."""
        return [f"{self._host}:{port}" for port in self._secured_ports]

    @property
    def url(self) -> str:
        """The value of the setting `broker`."""
        return f"kafka://{','.join(self.servers)}"

    def start(self) -> None:
        """Make the data directories, start all, and wait until they answer."""
        with ThreadPoolExecutor() as side_by_side:
            list(side_by_side.map(lambda broker: broker.format(self._scram), self.brokers))
        for broker in self.brokers:
            broker.start()
        for broker in self.brokers:
            broker.wait_until_it_listens()
        self.wait_until_complete()

    def wait_until_complete(self, seconds: float = START_SECONDS) -> None:
        """Wait until every broker is a member of the cluster."""
        deadline = time.monotonic() + seconds
        while (members := self._members()) < len(self.brokers):
            if time.monotonic() > deadline:
                raise RuntimeError(f"only {members} brokers are in the cluster")
            time.sleep(0.2)

    def _own(self, number: int, port: int, controller_port: int) -> dict[str, str]:
        listeners = [f"PLAINTEXT://{self._host}:{port}", f"CONTROLLER://{self._host}:{controller_port}"]
        listeners += [f"SECURED://{self._host}:{secured}" for secured in self._secured_ports[number - 1 : number]]
        return {"node.id": str(number), "listeners": ",".join(listeners)}

    def _members(self) -> int:
        try:
            admin = KafkaAdminClient(bootstrap_servers=self.servers, bootstrap_timeout_ms=2_000)
        except (KafkaError, OSError):
            return 0
        try:
            return len(admin.describe_cluster()["brokers"])
        except (KafkaError, OSError):
            return 0
        finally:
            admin.close()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()

    def kill(self) -> None:
        """Kill all brokers."""
        for broker in self.brokers:
            broker.kill()


SMALL: Final = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL",
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": "0",
    "offsets.topic.num.partitions": "4",
    "log.cleaner.dedupe.buffer.size": "4194304",
    "log.segment.bytes": "67108864",
    "num.network.threads": "2",
    "num.io.threads": "2",
    "background.threads": "2",
}
"""For tests: little memory, few threads, no waiting for more members of a group."""


def _copies(brokers: int) -> dict[str, str]:
    copies = {
        name: str(brokers)
        for name in (
            "default.replication.factor",
            "offsets.topic.replication.factor",
            "transaction.state.log.replication.factor",
            "share.coordinator.state.topic.replication.factor",
        )
    }
    in_sync = str(max(1, brokers - 1))
    return {**copies, "min.insync.replicas": in_sync, "transaction.state.log.min.isr": in_sync}


def _prefixed(secured: Mapping[str, str]) -> dict[str, str]:
    return {f"listener.name.secured.{name}": value for name, value in secured.items()}


def _java(main: str) -> list[str]:
    java = "/usr/bin/env"  # the leash needs a path
    return [java, *JAVA, LOG_LEVEL, "-cp", f"{kafka_jars()}/*", main]
