"""Sends to the broker: connects, waits for acknowledgements, and replaces a producer that gives up."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, ProducerClosed, RecordListTooLargeError

from agents.collector.ports import Delivery
from agents.outage import Outage
from pipeline.adapters.broker.servers import access_of, client_options
from pipeline.events.packing import Pack

CLIENT_ID: Final = "touchline-collector"
LARGEST_REQUEST_BYTES: Final = 16 * 1024 * 1024
BATCH_BYTES: Final = 512 * 1024
"""Most bytes of a partition that wait in the client; a send beyond that blocks."""
FIRST_PAUSE_SECONDS: Final = 0.2
LONGEST_PAUSE_SECONDS: Final = 1.0
LOOK_SECONDS: Final = 2.0
STOP_SECONDS: Final = 5.0
CANCEL_SECONDS: Final = 0.5
START_SECONDS: Final = 30.0
"""How long to wait for a broker that starts beside the collector before the log warns that it does not answer."""
TIMEOUTS: Final = 3
"""Consecutive deliveries without an acknowledgement, although the broker answers, that show a stuck producer."""

_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)

log = logging.getLogger("touchline.collector")


def producers(servers: Sequence[str], acknowledge_seconds: float) -> Callable[[], AIOKafkaProducer]:
    """Make a factory of producers for these servers.

    A producer stops retrying a record after `acknowledge_seconds`, unless it is idempotent.
    """
    return lambda: AIOKafkaProducer(
        **client_options(servers),
        client_id=CLIENT_ID,
        acks="all",
        enable_idempotence=access_of(servers).idempotence,
        compression_type="gzip",  # as the command line sends them: every client reads it
        max_batch_size=BATCH_BYTES,
        max_request_size=LARGEST_REQUEST_BYTES,
        request_timeout_ms=int(acknowledge_seconds * 1000),
    )


class Broker:
    """Keeps one producer, and replaces it when it cannot go on."""

    def __init__(self, new_producer: Callable[[], AIOKafkaProducer], acknowledge_seconds: float) -> None:
        """Nothing is connected before `start`."""
        self._new_producer = new_producer
        self._seconds = acknowledge_seconds
        self._producer: AIOKafkaProducer | None = None
        self._timeouts = 0
        self._connected = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None
        self._answers = False
        self._outage = Outage(log, begins="the broker does not answer, retrying", ends="the broker answers again")

    @property
    def ready(self) -> bool:
        """Whether the broker answered when it was asked last."""
        return self._answers

    def start(self) -> asyncio.Task[None]:
        """Connect in the background, for as long as it takes, and look after the connection from then on.

        Returns:
            The task that does so; it ends only on an unexpected error.
        """
        self._keeping = asyncio.create_task(self._keep(), name="keep the producer connected")
        return self._keeping

    async def stop(self) -> None:
        """Flush what is still to be sent, and disconnect."""
        while self._keeping is not None and not self._keeping.done():
            self._keeping.cancel()  # again if the client swallowed it, as `wait_for` of Python 3.11 may
            await asyncio.wait({self._keeping}, timeout=CANCEL_SECONDS)
        await self._give_up()

    async def deliver(self, packs: Sequence[Pack], received_at: int) -> Delivery:
        """Send packs and wait until they are acknowledged, or the time is up; see `Sender`."""
        sending = [asyncio.create_task(self._send(pack, received_at)) for pack in packs]
        delivery = Delivery()
        if sending:
            await asyncio.wait(sending, timeout=self._seconds)
        for pack, task in zip(packs, sending, strict=True):
            self._sort(pack, task, delivery)
        if delivery.acknowledged:
            self._timeouts = 0
        elif delivery.waiting:
            self._timeouts += 1
        return delivery

    async def _send(self, pack: Pack, received_at: int) -> None:
        await self._connected.wait()
        producer = self._producer
        assert producer is not None
        try:
            await producer.send_and_wait(pack.topic, pack.message, timestamp_ms=received_at)
        except KafkaError as error:
            if not error.retriable and not isinstance(error, _TOO_LARGE):
                log.warning("the producer gives up and is replaced: %s", _words(error))
                self._forget(producer)
            raise

    def _sort(self, pack: Pack, task: asyncio.Task[None], delivery: Delivery) -> None:
        if not task.done():
            task.cancel()
            delivery.waiting.append(pack)
            self._answers = False
            return
        error = task.exception()
        if error is None:
            delivery.acknowledged.append(pack)
        elif isinstance(error, _TOO_LARGE):
            delivery.too_large.append(pack)
        elif isinstance(error, KafkaError):
            log.warning("%s was not acknowledged: %s", pack.topic, _words(error))
            delivery.waiting.append(pack)
        else:
            raise error

    def _forget(self, producer: AIOKafkaProducer) -> None:
        """Have a producer replaced, unless it already was."""
        if self._producer is producer:
            self._connected.clear()
            self._answers = False

    async def _keep(self) -> None:
        patience = START_SECONDS
        while True:
            if not self._connected.is_set():
                await self._give_up()
                await self._connect(patience)
                patience = 0.0
            self._note(await self._fault())
            self._free()
            await asyncio.sleep(LOOK_SECONDS)

    def _free(self) -> None:
        """Give up a producer that is stuck: an idempotent one retries for ever."""
        if self._answers and self._timeouts >= TIMEOUTS and self._producer is not None:
            log.warning("%d deliveries in a row were not acknowledged: the producer is replaced", self._timeouts)
            self._timeouts = 0
            self._forget(self._producer)

    async def _connect(self, patience: float) -> None:
        pause, began = FIRST_PAUSE_SECONDS, time.monotonic()
        while reason := await self._begin():
            if time.monotonic() - began >= patience:
                self._outage.lasts(reason)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        log.info("connected to the broker")
        self._connected.set()

    async def _begin(self) -> str:
        """Try to connect a new producer; returns why that failed, empty if it did not."""
        producer = self._new_producer()
        try:
            await producer.start()
        except (KafkaError, OSError) as error:
            await _stopped(producer)
            return _words(error)
        self._producer = producer
        return ""

    async def _fault(self) -> str:
        """Why the broker does not answer a metadata request; empty if it does."""
        assert self._producer is not None
        try:
            async with asyncio.timeout(self._seconds):
                told = await self._producer.client.force_metadata_update()
        except (KafkaError, OSError, TimeoutError) as error:
            return _words(error)
        return "" if told else "it returned no metadata"

    def _note(self, fault: str) -> None:
        self._answers = not fault
        if fault:
            self._outage.lasts(fault)
        else:
            self._outage.is_over()

    async def _give_up(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await _stopped(producer)


async def _stopped(producer: AIOKafkaProducer) -> None:
    """Stop a producer. One that cannot flush would retry for ever, so it is cut short after `STOP_SECONDS`."""
    with suppress(TimeoutError, KafkaError, OSError):
        async with asyncio.timeout(STOP_SECONDS):
            await producer.stop()
            return
    sending = producer._sender.sender_task
    if sending is not None:
        sending.cancel()
    producer._message_accumulator.fail_all(ProducerClosed())
    with suppress(TimeoutError, KafkaError, OSError):
        async with asyncio.timeout(STOP_SECONDS):
            await producer.client.close()


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
