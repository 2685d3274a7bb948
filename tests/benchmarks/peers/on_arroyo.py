"""Decode and count per key on sentry-arroyo."""

import uuid
from collections.abc import Mapping

from arroyo.backends.kafka import KafkaConsumer, KafkaPayload
from arroyo.backends.kafka.configuration import build_kafka_consumer_configuration
from arroyo.processing import StreamProcessor
from arroyo.processing.strategies import CommitOffsets, ProcessingStrategy, ProcessingStrategyFactory, RunTask
from arroyo.types import Commit, Message, Partition, Topic

from tests.benchmarks.peers.counting import SESSION_MS, Counting, Task


class _Factory(ProcessingStrategyFactory[KafkaPayload]):  # type: ignore[misc] # arroyo is not installed here
    def __init__(self, counting: Counting) -> None:
        self._counting = counting

    def create_with_partitions(
        self, commit: Commit, partitions: Mapping[Partition, int]
    ) -> ProcessingStrategy[KafkaPayload]:
        def count(message: Message[KafkaPayload]) -> None:
            self._counting.one(message.payload.value)

        return RunTask(count, CommitOffsets(commit))


def main() -> None:
    task = Task.given()
    configuration = build_kafka_consumer_configuration(
        {"session.timeout.ms": SESSION_MS},
        bootstrap_servers=[task.broker],
        auto_offset_reset="earliest",
        group_id=f"arroyo-{uuid.uuid4().hex}",
    )
    consumer = KafkaConsumer(configuration)
    factory = _Factory(task.counting())
    StreamProcessor(consumer, Topic(task.topic), factory).run()


if __name__ == "__main__":
    main()
