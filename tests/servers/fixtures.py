"""Fixtures over real servers; a test that uses one is marked `server` or `stack`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.servers.clickhouse import ClickHouseProcess
from tests.servers.kafka import KafkaCluster
from tests.servers.kafka_jars import why_no_kafka


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseProcess]:
    """One endpoint for the whole session; use databases of your own in it, and do not stop it."""
    with ClickHouseProcess(tmp_path_factory.mktemp("clickhouse") / "data") as process:
        yield process


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    """One Apache Kafka broker for the whole session; use topics and groups of your own in it, and do not stop it."""
    with new_kafka(tmp_path_factory.mktemp("kafka") / "cluster") as cluster:
        yield cluster


def new_kafka(
    directory: Path, brokers: int = 1, secured: Mapping[str, str] | None = None, scram: Sequence[str] = ()
) -> KafkaCluster:
    """A cluster that is not started yet; skips the test where none can run."""
    if reason := why_no_kafka():
        pytest.skip(reason)
    return KafkaCluster(directory, brokers, secured=secured, scram=scram)
