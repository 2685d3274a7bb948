"""Reading topics without a consumer group."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from kafka import TopicPartition

from pipeline.adapters.broker.admin import BOOTSTRAP_MILLISECONDS, CLIENT_ID
from pipeline.adapters.broker.clients import Consumer
from pipeline.adapters.broker.errors import BrokerUnavailableError, broker_errors
from pipeline.adapters.broker.position import Position
from pipeline.adapters.broker.servers import client_options
from pipeline.events.record import Record

POLL_MILLISECONDS = 500


def watch(servers: Sequence[str], topics: Sequence[str], from_start: bool) -> Iterator[Record]:
    """Yield records as they arrive, for ever, from the oldest that the broker has or from now on.

    Raises:
        BrokerUnavailableError: The broker does not answer, or has none of the topics.
    """
    with _reading(servers) as consumer:
        _assign(consumer, topics, from_start)
        while True:
            for records in consumer.poll(POLL_MILLISECONDS).values():
                for found in records:
                    yield Record(found.topic, found.partition, found.offset, found.timestamp, found.value or b"")


def oldest_at(servers: Sequence[str], positions: Mapping[Position, int], seconds: float) -> dict[Position, int]:
    """The timestamps, in milliseconds, of the records at these offsets, as far as they come in time.

    Raises:
        BrokerUnavailableError: The broker does not answer, or does not let these topics be read.
    """
    with _reading(servers) as consumer:
        consumer.assign([TopicPartition(*position) for position in positions])
        for position, offset in positions.items():
            consumer.seek(TopicPartition(*position), offset)
        return _first_timestamps(consumer, len(positions), time.monotonic() + seconds)


def _first_timestamps(consumer: Consumer, wanted: int, deadline: float) -> dict[Position, int]:
    """Poll until so many partitions have returned a record: one partition alone can fill a poll."""
    found: dict[Position, int] = {}
    while len(found) < wanted and (left := deadline - time.monotonic()) > 0:
        for partition, records in consumer.poll(int(left * 1000)).items():
            found[partition.topic, partition.partition] = records[0].timestamp
            consumer.pause(partition)
    return found


@contextmanager
def _reading(servers: Sequence[str]) -> Iterator[Consumer]:
    """A consumer without a group; its client's exceptions become `BrokerUnavailableError`."""
    with broker_errors(servers):
        consumer = Consumer(
            **client_options(servers),
            client_id=CLIENT_ID,
            group_id=None,
            enable_auto_commit=False,
            reconnect_backoff_max_ms=1_000,
            bootstrap_timeout_ms=BOOTSTRAP_MILLISECONDS,
            auto_offset_reset="earliest",  # retention deletes records; a renewed embedded broker starts from 0 again
        )
        try:
            yield consumer
        finally:
            consumer.close()


def _assign(consumer: Consumer, topics: Sequence[str], from_start: bool) -> None:
    partitions = [
        TopicPartition(topic, number) for topic in topics for number in consumer.partitions_for_topic(topic) or ()
    ]
    if not partitions:
        raise BrokerUnavailableError(f"the broker has no topic {' or '.join(topics)}: run `touchline topics`")
    consumer.assign(partitions)
    if from_start:
        consumer.seek_to_beginning(*partitions)
    else:
        consumer.seek_to_end(*partitions)
