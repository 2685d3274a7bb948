"""On Apache Kafka: what is acknowledged at once stands in the log once, also when the broker is killed meanwhile."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pytest

from pipeline.adapters.broker.admin import BrokerAdmin
from pipeline.adapters.broker.topics import ensure_topics
from pipeline.settings.model import Topics
from tests.integration.broker.gated import read_everything
from tests.servers.collector import CollectorProcess
from tests.servers.fixtures import new_kafka

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(300)]

BATCH = 10
BATCHES = 300


def test_a_killed_broker_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    with new_kafka(tmp_path / "cluster") as cluster:
        with BrokerAdmin(cluster.servers) as admin:
            ensure_topics(admin, Topics(raw_partitions=2, mail_partitions=2))
        (broker,) = cluster.brokers

        def strike() -> None:
            time.sleep(0.5)
            broker.kill()
            time.sleep(1)
            broker.start()

        with CollectorProcess(tmp_path / "log", cluster.url, COLLECTOR__ACKNOWLEDGE_TIMEOUT="60s") as collector:

            def send(start: int) -> int:
                time.sleep(0.02)
                batch = [{"type": "web.x", "n": number} for number in range(start, start + BATCH)]
                return collector.post(batch).status

            striking = threading.Thread(target=strike)
            striking.start()
            with ThreadPoolExecutor(4) as pool:
                statuses = list(pool.map(send, range(0, BATCH * BATCHES, BATCH)))
            striking.join()
        assert statuses == [202] * BATCHES, collector.said
        values = read_everything(cluster.servers[0], ["touchpoints.web"], BATCH * BATCHES)
        found = Counter(one["n"] for value in values for one in orjson.loads(value))
    assert found == Counter(range(BATCH * BATCHES))
