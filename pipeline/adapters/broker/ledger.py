"""The ledger of settling on a Kafka broker: a producer sends the markers, an admin client reads the commits."""

import time
from collections.abc import Mapping, Sequence

from pipeline.adapters.broker.admin import ANSWER_SECONDS, CLIENT_ID, BrokerAdmin
from pipeline.adapters.broker.clients import Producer
from pipeline.adapters.broker.errors import BrokerRenewedError, BrokerUnavailableError, broker_errors
from pipeline.adapters.broker.position import Position
from pipeline.adapters.broker.servers import access_of, client_options
from pipeline.adapters.broker.settle import Progress, Settled, SettleTimeoutError, Settling
from pipeline.catalogue.topics import MAIL_TOPIC, RAW_TOPICS
from pipeline.mail.codec import pack

NO_EVENTS = b"[]"
NO_MAIL = pack([])
LEAST_SECONDS = 1.0
"""The shortest wait for an answer, however little time is left."""
RECONNECT_SECONDS = 0.5


class KafkaLedger:
    """Markers and commits of one consumer group; use as a context manager."""

    def __init__(self, servers: Sequence[str], group: str, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Connect.

        Args:
            servers: Bootstrap servers.
            group: The consumer group.
            answer_seconds: How long the broker may take to answer, and to acknowledge a marker.

        Raises:
            BrokerUnavailableError: No broker answers, or a topic is missing.
        """
        self._group = group
        self._answer_seconds = answer_seconds
        self._admin = BrokerAdmin(servers, answer_seconds)
        try:
            self._connect(servers)
        except BaseException:
            self._admin.close()
            raise

    def _connect(self, servers: Sequence[str]) -> None:
        self._partitions = self._admin.partitions()
        if missing := {*RAW_TOPICS, MAIL_TOPIC} - self._partitions.keys():
            raise BrokerUnavailableError(
                f"the broker has no topic {', '.join(sorted(missing))}: run `touchline topics`"
            )
        self._mail_topic_id = self._admin.topic_id(MAIL_TOPIC)
        with broker_errors(servers):
            self._producer = Producer(
                **client_options(servers),
                client_id=CLIENT_ID,
                acks="all",
                enable_idempotence=access_of(servers).idempotence,
                max_block_ms=int(self._answer_seconds * 1000),
            )

    def mark(self, topic: str) -> Mapping[int, int]:
        """Send a marker to each partition of a topic; returns their offsets."""
        marker = NO_MAIL if topic == MAIL_TOPIC else NO_EVENTS
        with broker_errors(self._admin.servers):
            sent = {
                partition: self._producer.send(topic, marker, partition=partition)
                for partition in range(self._partitions[topic])
            }
            return {partition: int(future.get(self._answer_seconds).offset) for partition, future in sent.items()}

    def committed(self) -> Mapping[Position, int]:
        """The committed offset, the next to process, by topic and partition.

        Raises:
            BrokerRenewedError: The topics have been created anew since, so the markers are gone.
        """
        if self._admin.topic_id(MAIL_TOPIC) != self._mail_topic_id:
            raise BrokerRenewedError("the broker was renewed")
        return self._admin.committed(self._group)

    def __enter__(self) -> "KafkaLedger":
        return self

    def __exit__(self, *_: object) -> None:
        self._producer.abandon()  # nobody waits for markers that are not acknowledged by now
        self._admin.close()


def settle(
    servers: Sequence[str],
    group: str,
    timeout_seconds: float,
    progress: Progress = lambda lags: None,
    *,
    patient: bool = False,
) -> Settled:
    """Wait until everything accepted so far is in ClickHouse.

    If the embedded broker is renewed meanwhile, this settles the fresh one: the workers move to it only after they
    have drained the old one.

    Args:
        servers: Bootstrap servers.
        group: The consumer group of the workers.
        timeout_seconds: How long it may take.
        progress: Called repeatedly with what lags.
        patient: Whether to wait for a broker that does not answer at first, as for one that goes away later.

    Raises:
        SettleTimeoutError: It took longer than the timeout; says what lags.
        BrokerUnavailableError: The broker does not answer, or stopped answering.
    """
    deadline = time.monotonic() + timeout_seconds
    ledger = _connected(servers, group, deadline) if patient else _ledger(servers, group, deadline)
    while True:
        try:
            with ledger:
                return Settling(ledger, deadline - time.monotonic(), progress).run(RAW_TOPICS, MAIL_TOPIC)
        except SettleTimeoutError as error:
            raise SettleTimeoutError(timeout_seconds, error.lags) from error
        except BrokerUnavailableError:
            if time.monotonic() > deadline:  # else a broker that answers but takes no markers would be retried for ever
                raise
            time.sleep(RECONNECT_SECONDS)
            ledger = _connected(servers, group, deadline)


def _connected(servers: Sequence[str], group: str, deadline: float) -> KafkaLedger:
    """Connect, trying again until the deadline."""
    while True:
        try:
            return _ledger(servers, group, deadline)
        except BrokerUnavailableError:
            if time.monotonic() > deadline:
                raise
        time.sleep(RECONNECT_SECONDS)


def _ledger(servers: Sequence[str], group: str, deadline: float) -> KafkaLedger:
    left = deadline - time.monotonic()
    return KafkaLedger(servers, group, min(ANSWER_SECONDS, max(LEAST_SECONDS, left)))
