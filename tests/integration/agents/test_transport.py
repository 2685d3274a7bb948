"""The batch transport on real brokers, embedded and Apache Kafka: exact counts through stops, kills and rebalances."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from kafka import KafkaProducer

from tests.integration.agents.tansu import create_topics, producer, running_broker
from tests.servers.kafka import KafkaCluster

pytestmark = [pytest.mark.server, pytest.mark.slow]

PARTITIONS = 4
RECORDS = 12_000
PATIENCE_SECONDS = 90


class Workers:
    """Workers on one topic, and what each has noted."""

    def __init__(self, broker: str, topic: str, directory: Path) -> None:
        self.broker = broker
        self.topic = topic
        self.directory = directory
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *poison: str) -> "subprocess.Popen[bytes]":
        file = self._file(len(self.processes))
        file.touch()
        module = "tests.integration.agents.counting_worker"
        process = subprocess.Popen([sys.executable, "-m", module, self.broker, self.topic, str(file), *poison])
        self.processes.append(process)
        return process

    def noted(self, number: int) -> list[str]:
        return self._file(number).read_text().split()

    def has_noted(self, number: int, records: int) -> bool:
        return len(self.noted(number)) > records

    def all_noted(self) -> Counter[str]:
        return Counter(value for number in range(len(self.processes)) for value in self.noted(number))

    def wait_for(self, reached: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not reached():
            meanwhile()
            assert time.monotonic() < deadline, f"{len(self.all_noted())} noted"
            time.sleep(0.05)

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()

    def _file(self, number: int) -> Path:
        return self.directory / f"worker-{number}"


class Source:
    """Sends records, each with a number of its own, to all partitions in turn."""

    def __init__(self, sending: KafkaProducer, topic: str) -> None:
        self.sent = 0
        self._sending = sending
        self._topic = topic

    def send(self, records: int) -> None:
        for _ in range(records):
            self._sending.send(self._topic, value=b"%d" % self.sent, partition=self.sent % PARTITIONS)
            self.sent += 1
        self._sending.flush()


Started = tuple[Workers, Source]


@pytest.fixture(params=["tansu", "kafka"])
def broker(request: pytest.FixtureRequest) -> Iterator[str]:
    """`host:port` of a broker."""
    if request.param == "kafka":
        cluster: KafkaCluster = request.getfixturevalue("kafka")
        yield cluster.servers[0]
        return
    with running_broker() as address:
        yield address


@pytest.fixture
def workers(broker: str, tmp_path: Path) -> Iterator[Started]:
    """A source of records on a topic of their own, and workers for them."""
    topic = f"raw-{uuid4()}"
    create_topics(broker, {topic: PARTITIONS})
    crew = Workers(broker, topic, tmp_path)
    with producer(broker) as sending:
        try:
            yield crew, Source(sending, topic)
        finally:
            crew.end()


def test_a_graceful_stop_repeats_nothing(workers: Started) -> None:
    crew, source = workers
    source.send(RECORDS)
    first = crew.start()
    crew.wait_for(lambda: len(crew.noted(0)) > RECORDS / 4)
    first.send_signal(signal.SIGTERM)
    assert first.wait(30) == 0
    assert len(crew.noted(0)) < RECORDS
    crew.start()
    crew.wait_for(lambda: len(crew.all_noted()) == RECORDS)
    assert set(crew.all_noted().values()) == {1}


def test_a_killed_worker_loses_nothing(workers: Started) -> None:
    crew, source = workers
    source.send(RECORDS)
    for number in range(2):
        killed = crew.start()
        crew.wait_for(partial(crew.has_noted, number, RECORDS // 6))
        killed.kill()
        killed.wait()
    crew.start()
    crew.wait_for(lambda: len(crew.all_noted()) == RECORDS)
    repeated = sum(crew.all_noted().values()) - RECORDS
    assert repeated < RECORDS / 4


def test_workers_that_join_and_leave_lose_and_repeat_nothing(workers: Started) -> None:
    crew, source = workers

    def send_until(reached: Callable[[], bool]) -> None:
        crew.wait_for(reached, meanwhile=partial(source.send, 200))

    crew.start()
    send_until(partial(crew.has_noted, 0, 1_000))
    second = crew.start()
    send_until(partial(crew.has_noted, 1, 1_000))
    second.send_signal(signal.SIGTERM)
    send_until(lambda: second.poll() is not None)
    assert second.returncode == 0
    after = len(crew.noted(0))
    send_until(partial(crew.has_noted, 0, after + 1_000))
    crew.wait_for(lambda: len(crew.all_noted()) == source.sent)
    assert set(crew.all_noted().values()) == {1}


def test_an_unexpected_exception_ends_the_worker_and_its_batch_is_repeated(workers: Started) -> None:
    crew, source = workers
    source.send(RECORDS)
    poison = str(RECORDS // 2)
    failing = crew.start(poison)
    assert failing.wait(PATIENCE_SECONDS) == 1
    assert poison not in crew.noted(0)
    crew.start()
    crew.wait_for(lambda: len(crew.all_noted()) == RECORDS)
