"""Sends raw events: many events of a topic packed into one message."""

from collections.abc import Callable, Sequence
from threading import BoundedSemaphore, Lock

import msgspec
from kafka.errors import KafkaError

from pipeline.adapters.broker.admin import BOOTSTRAP_MILLISECONDS, CLIENT_ID
from pipeline.adapters.broker.clients import Producer
from pipeline.adapters.broker.errors import broker_errors
from pipeline.adapters.broker.servers import access_of, client_options
from pipeline.events.packing import Pack
from pipeline.events.replay import Replay, replay_header

LARGEST_MESSAGE_BYTES = 16 * 1024 * 1024
IN_FLIGHT = 64
"""Messages in flight at once: bounds memory, and makes the caller wait for a slow broker."""

SILENCE_SECONDS = 5.0
"""How long the broker may acknowledge nothing, while the caller waits for it, before `on_silence` is called."""


class SendFailure(msgspec.Struct, frozen=True):
    """An event that the broker did not accept."""

    position: int
    """The number the caller gave the event, e.g. its line."""
    reason: str


class EventProducer:
    """Sends events as JSON arrays to raw topics and counts what the broker acknowledged.

    Arrays, because the broker's and the client's cost is per message; the raw topics take one event or an array.
    Use as a context manager: leaving it without an exception sends the rest and waits for all acknowledgements.
    """

    def __init__(
        self,
        servers: Sequence[str],
        on_failure: Callable[[SendFailure], None] = lambda failure: None,
        delivery_timeout_ms: int = 120_000,
        on_silence: Callable[[], None] = lambda: None,
    ) -> None:
        """Connect.

        Args:
            servers: Bootstrap servers.
            on_failure: Called with each event that the broker did not accept, in the caller's thread, while the caller
                is in a method of this class: in the client's thread, its exception would end all acknowledgements.
            delivery_timeout_ms: How long the broker may take to acknowledge an event.
            on_silence: Called once, also in the caller's thread, when the broker has acknowledged nothing for
                `SILENCE_SECONDS`; the caller goes on waiting afterwards.

        Raises:
            BrokerUnavailableError: No broker answers at these addresses.
        """
        self.accepted = 0
        self.failed = 0
        self._servers = servers
        self._on_failure = on_failure
        self._on_silence = on_silence
        self._was_silent = False
        self._failures: list[SendFailure] = []
        """Not reported yet."""
        self._packs: dict[str, Pack] = {}
        self._slots = BoundedSemaphore(IN_FLIGHT)
        self._counts = Lock()
        with broker_errors(servers):
            self._producer = Producer(
                **client_options(servers),
                client_id=CLIENT_ID,
                acks="all",
                compression_type="gzip",  # a tenth of the bytes for the broker to keep; every client reads it
                enable_idempotence=access_of(servers).idempotence,
                request_timeout_ms=min(30_000, delivery_timeout_ms // 2),
                delivery_timeout_ms=delivery_timeout_ms,
                max_request_size=LARGEST_MESSAGE_BYTES,
                reconnect_backoff_max_ms=1_000,
                bootstrap_timeout_ms=BOOTSTRAP_MILLISECONDS,
            )

    def send(self, topic: str, event: bytes, position: int = 0) -> None:
        """Take one event, the bytes of a JSON object; waits while too many messages are in flight."""
        pack = self._packs.get(topic)
        if pack is None or not pack.takes(event):
            if pack is not None:
                self._dispatch(pack)
            pack = self._packs[topic] = Pack(topic, [], [])
        pack.add(event, position)

    def send_again(self, topic: str, message: bytes, replay: Replay, position: int = 0) -> None:
        """Send a rejected message again, as a replay of its dead letter; waits while too many messages are in flight.

        It goes to the original's partition, if that is known, so that a consumer that reads the topic from the start
        sees it after the original.

        Raises:
            BrokerUnavailableError: The broker does not name the partitions of the topic.
        """
        with broker_errors(self._servers):
            known = replay.topic == topic and replay.partition in self._producer.partitions_for(topic)
        self._transmit(topic, message, [position], replay.partition if known else None, [replay_header(replay)])

    def flush(self) -> None:
        """Send what is waiting and return when everything is acknowledged or has failed."""
        for pack in self._packs.values():
            self._dispatch(pack)
        self._packs.clear()
        for _ in range(IN_FLIGHT):
            self._take_slot()
        for _ in range(IN_FLIGHT):
            self._slots.release()
        self._tell()

    def close(self) -> None:
        """Flush and disconnect."""
        self.flush()
        self._producer.close()

    def abandon(self) -> None:
        """Disconnect without waiting for messages in flight."""
        self._producer.abandon()

    def __enter__(self) -> "EventProducer":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()

    def _dispatch(self, pack: Pack) -> None:
        self._transmit(pack.topic, pack.message, pack.indexes)

    def _transmit(
        self,
        topic: str,
        message: bytes,
        positions: list[int],
        partition: int | None = None,
        headers: list[tuple[str, bytes]] | None = None,
    ) -> None:
        self._tell()
        self._take_slot()
        try:
            future = self._producer.send(topic, message, partition=partition, headers=headers)
        except (KafkaError, AssertionError) as error:
            self._settle(positions, error)
            return
        future.add_callback(lambda _: self._settle(positions, None))
        future.add_errback(lambda error: self._settle(positions, error))

    def _take_slot(self) -> None:
        if self._slots.acquire(timeout=None if self._was_silent else SILENCE_SECONDS):
            return
        self._was_silent = True
        self._on_silence()
        self._slots.acquire()

    def _settle(self, positions: list[int], error: BaseException | None) -> None:
        """Count a message's events; runs in the client's thread, or in the caller's if the client refuses to send."""
        with self._counts:
            if error is None:
                self.accepted += len(positions)
            else:
                self.failed += len(positions)
                reason = f"the broker refused it: {str(error) or type(error).__name__}"
                self._failures += [SendFailure(position, reason) for position in positions]
        self._slots.release()

    def _tell(self) -> None:
        """Report the failures since the last call."""
        with self._counts:
            failures, self._failures = self._failures, []
        for failure in failures:
            self._on_failure(failure)
