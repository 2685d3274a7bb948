"""Embedded brokers behind one gate, and workers that only commit."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from pipeline.adapters.broker.admin import BrokerAdmin
from pipeline.adapters.broker.tansu import broker_command, gate_command, quiet
from pipeline.adapters.broker.topics import ensure_topics
from pipeline.adapters.stack.ports import free_port
from pipeline.catalogue.topics import MAIL_TOPIC, RAW_TOPICS
from pipeline.settings.model import Topics
from tests.integration.agents.tansu import wait_for_port

HOST = "127.0.0.1"
TOPICS = Topics(raw_partitions=2, mail_partitions=2)


class GatedBrokers:
    """Broker processes on private ports, and a gate on one public port before one of them."""

    def __init__(self) -> None:
        self.public_port = free_port()
        self._brokers: dict[int, subprocess.Popen[bytes]] = {}
        self._gate: subprocess.Popen[bytes] | None = None

    @property
    def servers(self) -> list[str]:
        return [f"{HOST}:{self.public_port}"]

    @property
    def private_ports(self) -> list[int]:
        """The ports of all brokers, oldest first."""
        return list(self._brokers)

    def new_broker(self) -> int:
        """Start an empty broker with its topics; returns its private port."""
        port = free_port()
        self._brokers[port] = _start(broker_command(port))
        wait_for_port(f"{HOST}:{port}")
        with BrokerAdmin([f"{HOST}:{port}"]) as admin:
            ensure_topics(admin, TOPICS)
        return port

    def open_gate(self, private_port: int) -> None:
        self.shut_gate()
        self._gate = _start(gate_command(HOST, self.public_port, private_port))
        wait_for_port(f"{HOST}:{self.public_port}")

    def hang(self) -> None:
        """Let every broker accept connections but no longer answer."""
        for process in self._brokers.values():
            process.send_signal(signal.SIGSTOP)
            os.waitpid(process.pid, os.WUNTRACED)  # until it has stopped, it may still answer

    def shut_gate(self) -> None:
        if self._gate is not None:
            _end(self._gate)
            self._gate = None

    def __enter__(self) -> Self:
        self.open_gate(self.new_broker())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.shut_gate()
        for process in self._brokers.values():
            _end(process)


@contextmanager
def committing_workers(server: str, group: str, topics: Sequence[str] = (*RAW_TOPICS, MAIL_TOPIC)) -> Iterator[None]:
    """Commit everything that can be read from these topics, as workers would."""
    ending = threading.Event()

    def work() -> None:
        consumer = KafkaConsumer(
            bootstrap_servers=[server], group_id=group, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        consumer.assign([TopicPartition(topic, number) for topic in topics for number in range(2)])
        while not ending.is_set():
            read = consumer.poll(100)
            if read:
                consumer.commit({at: OffsetAndMetadata(found[-1].offset + 1, "", -1) for at, found in read.items()})
        consumer.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join(30)


def read_everything(server: str, topics: Sequence[str], events: int, seconds: float = 30) -> list[bytes]:
    """The values of a broker's records until they hold this many events, each with a field `n`."""
    consumer = KafkaConsumer(bootstrap_servers=[server], group_id=None, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(topic, number) for topic in topics for number in range(2)])
    values: list[bytes] = []
    deadline = time.monotonic() + seconds
    while sum(value.count(b'"n"') for value in values) < events and time.monotonic() < deadline:
        values += [record.value for records in consumer.poll(200).values() for record in records]
    consumer.close()
    return values


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env=quiet(os.environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(10)
