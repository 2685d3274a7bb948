"""Workers on Apache Kafka when something dies: who takes over and when, and what their pages say meanwhile."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from random import Random
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from kafka import KafkaAdminClient, TopicPartition

from tests.chaos.load import Load, disordered, retailer
from tests.chaos.site import Site
from tests.chaos.workers import WorkerProcess
from tests.servers.kafka_jars import why_no_kafka
from tests.waiting import eventually

pytestmark = [
    pytest.mark.server,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(why_no_kafka()), reason=why_no_kafka() or "there is a Kafka"),
]

EVERYTHING = "stitching partitions 0, 1, 2, 3, 4, 5, 6, 7"
TAKEOVER_SECONDS = 15.0
PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("workers") / "site", brokers=1, workers=2) as started:
        yield started


def test_while_clickhouse_hangs_a_worker_is_alive_and_not_ready_and_its_lag_shows(site: Site) -> None:
    first = site.workers[0]
    load = Load(site.cluster.servers, disordered(retailer(3, 3_000, 3), Random(3)), per_second=lambda: 200)
    load.start()
    wait_until(lambda: lag_of(site) > 0 or load.acknowledged > 1_000)
    os.kill(site.clickhouse.process_id, signal.SIGSTOP)
    try:
        wait_until(lambda: page(first, "readyz") == (503, "waiting for ClickHouse"))
        assert page(first, "healthz") == (200, "alive")
        before = lag_of(site)
        wait_until(lambda: lag_of(site) > before + 50)
    finally:
        os.kill(site.clickhouse.process_id, signal.SIGCONT)
    load.finish(PATIENCE_SECONDS)
    wait_until(lambda: page(first, "readyz") == (200, "ready"))
    site.settle(PATIENCE_SECONDS * 3)
    wait_until(lambda: lag_of(site) == 0)
    assert all("do not tell" not in worker.log.read_text() for worker in site.workers)


def test_workers_number_the_mail_that_they_send(site: Site) -> None:
    client = KafkaAdminClient(bootstrap_servers=site.cluster.servers)
    try:
        states = client.describe_producers([TopicPartition("touchline.mail", number) for number in range(8)])
    finally:
        client.close()
    known = {producer.producer_id for state in states.values() for producer in state.active_producers}
    assert len(known) >= len(site.workers)


def test_a_dead_workers_partitions_move_within_15_seconds(site: Site) -> None:
    dying, heir = site.workers
    said = heir.log.read_text().count(EVERYTHING)
    dying.end()
    died = time.monotonic()
    wait_until(lambda: heir.log.read_text().count(EVERYTHING) > said)
    assert time.monotonic() - died < TAKEOVER_SECONDS
    assert page(heir, "readyz") == (200, "ready")


def test_a_worker_that_is_told_to_stop_ends_with_status_0_within_its_time(site: Site) -> None:
    began = time.monotonic()
    assert site.workers[1].stop() == 0
    assert time.monotonic() - began < 30


def page(worker: WorkerProcess, name: str) -> tuple[int, str]:
    """Status and text of a worker's page."""
    try:
        with urlopen(f"{worker.url}/{name}", timeout=5) as answer:
            return answer.status, answer.read().decode().strip()
    except HTTPError as error:
        return error.code, error.read().decode().strip()


def lag_of(site: Site) -> float:
    """Records that the workers are behind by, all together."""
    lines = [line for worker in site.workers for line in page(worker, "metrics")[1].splitlines()]
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith("touchline_consumer_lag{"))


def wait_until(reached: Callable[[], bool]) -> None:
    assert eventually(reached, PATIENCE_SECONDS)
