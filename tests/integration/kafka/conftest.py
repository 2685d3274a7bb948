"""Topics of the pipeline on one Apache Kafka broker."""

from collections.abc import Iterator

import pytest

from pipeline.adapters.broker.admin import BrokerAdmin
from pipeline.adapters.broker.servers import Servers
from pipeline.adapters.broker.topics import ensure_topics
from pipeline.settings.kafka import Kafka
from pipeline.settings.model import Topics
from tests.servers.fixtures import new_kafka

TOPICS = Topics(raw_partitions=2, mail_partitions=2)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A broker per module, with the topics."""
    with new_kafka(tmp_path_factory.mktemp("topics") / "cluster") as cluster:
        found = Servers(cluster.servers, Kafka())
        with BrokerAdmin(found) as admin:
            ensure_topics(admin, TOPICS)
        yield found
