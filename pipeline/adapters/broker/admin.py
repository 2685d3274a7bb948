"""An admin connection to a Kafka cluster: topics, offsets and consumer groups."""

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from kafka import TopicPartition
from kafka.admin import NewTopic, OffsetSpec
from kafka.errors import TopicAlreadyExistsError

from pipeline.adapters.broker.clients import AdminClient
from pipeline.adapters.broker.errors import BrokerUnavailableError, broker_errors
from pipeline.adapters.broker.position import Position
from pipeline.adapters.broker.servers import client_options

CLIENT_ID = "touchline"
BOOTSTRAP_MILLISECONDS = 3_000
ANSWER_SECONDS = 30.0
TOPIC_SECONDS = 30.0
POLL_SECONDS = 0.1


class BrokerAdmin:
    """Topics, partitions, committed offsets and end offsets of one cluster.

    Not thread-safe. Every method raises `BrokerUnavailableError` if the broker does not answer.
    """

    def __init__(self, servers: Sequence[str], answer_seconds: float = ANSWER_SECONDS) -> None:
        """Connect. `answer_seconds`: how long the broker may take to answer."""
        self.servers = servers
        with broker_errors(servers):
            self._client = AdminClient(
                **client_options(servers),
                client_id=CLIENT_ID,
                bootstrap_timeout_ms=BOOTSTRAP_MILLISECONDS,
                request_timeout_ms=int(answer_seconds * 1000),
                reconnect_backoff_max_ms=1_000,
            )

    def close(self) -> None:
        """Disconnect."""
        self._client.close()

    def __enter__(self) -> "BrokerAdmin":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def partitions(self) -> dict[str, int]:
        """The number of partitions of every topic but internal ones (`__…`)."""
        with broker_errors(self.servers):
            names = [name for name in self._client.list_topics() if not name.startswith("__")]
            described = self._client.describe_topics(names) if names else []
        return {str(topic["name"]): len(topic["partitions"]) for topic in described if topic["error_code"] == 0}

    def topic_id(self, topic: str) -> str:
        """The id that tells a topic from one of the same name created later or elsewhere; empty if there is none."""
        with broker_errors(self.servers):
            described = self._client.describe_topics([topic])
        return "".join(str(found["topic_id"]) for found in described if found["error_code"] == 0)

    def create(self, name: str, partitions: int, replication: int, configuration: Mapping[str, str]) -> None:
        """Create a topic, unless it exists by now."""
        wanted = NewTopic(name, partitions, replication, topic_configs=dict(configuration))
        with broker_errors(self.servers), suppress(TopicAlreadyExistsError):
            self._client.create_topics([wanted])

    def wait_for_topics(self, names: Sequence[str], seconds: float = TOPIC_SECONDS) -> None:
        """Wait until the brokers know newly created topics: Apache Kafka acknowledges a moment before they do."""
        deadline = time.monotonic() + seconds
        while missing := set(names) - self.partitions().keys() if names else ():
            if time.monotonic() > deadline:
                raise BrokerUnavailableError(
                    f"the broker does not know {', '.join(sorted(missing))} after {seconds:g} s"
                )
            time.sleep(POLL_SECONDS)

    def committed(self, group: str) -> dict[Position, int]:
        """The group's committed offset, the next to process, for each partition where it has committed."""
        with broker_errors(self.servers):
            offsets = self._client.list_group_offsets(group).get(group, {})
        return {
            (partition.topic, partition.partition): found.offset
            for partition, found in offsets.items()
            if found.offset >= 0
        }

    def ends(self, positions: Iterable[Position]) -> dict[Position, int]:
        """The end offset of each partition: the one that its next record will get.

        The embedded broker may leave out the last batch: show this number, but do not decide by it.
        """
        wanted = {TopicPartition(*position): OffsetSpec.LATEST for position in positions}
        with broker_errors(self.servers):
            found = self._client.list_partition_offsets(wanted) if wanted else {}
        return {(partition.topic, partition.partition): result.offset for partition, result in found.items()}
