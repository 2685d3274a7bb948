"""The collector's way to the broker: connects, waits for acknowledgements, and starts over where a client gives up."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from agents.collector.ports import Delivery
from pipeline.adapters.broker.servers import access_of, client_options
from pipeline.collecting.sorting import Pack

CLIENT_ID: Final = "touchline-collector"
LARGEST_REQUEST_BYTES: Final = 16 * 1024 * 1024
BATCH_BYTES: Final = 512 * 1024
"""Of each partition at most this much waits in the client; whoever sends more waits before it."""
FIRST_PAUSE_SECONDS: Final = 0.2
LONGEST_PAUSE_SECONDS: Final = 1.0
LOOK_SECONDS: Final = 2.0
STOP_SECONDS: Final = 5.0

_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)

log = logging.getLogger("touchline.collector")


class Broker:
    """One producer, replaced where it cannot go on."""

    def __init__(self, servers: Sequence[str], acknowledge_seconds: float) -> None:
        """Nothing is connected before `start`."""
        self._servers = servers
        self._seconds = acknowledge_seconds
        self._producer: AIOKafkaProducer | None = None
        self._connected = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None
        self._answers = False

    @property
    def ready(self) -> bool:
        """Whether the broker answered when it was asked last."""
        return self._answers

    def start(self) -> None:
        """Connect in the background, for as long as it takes, and look after the connection from then on."""
        self._keeping = asyncio.create_task(self._keep(), name="keep the producer connected")

    async def stop(self) -> None:
        """Send what is on its way, and disconnect."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        await self._give_up()

    async def deliver(self, packs: Sequence[Pack], received_at: int) -> Delivery:
        """Send packs and wait until they are acknowledged, or the time is up; see `Sender`."""
        sending = [asyncio.create_task(self._send(pack, received_at)) for pack in packs]
        delivery = Delivery()
        if sending:
            await asyncio.wait(sending, timeout=self._seconds)
        for pack, task in zip(packs, sending, strict=True):
            self._sort(pack, task, delivery)
        return delivery

    async def _send(self, pack: Pack, received_at: int) -> None:
        await self._connected.wait()
        producer = self._producer
        assert producer is not None
        try:
            await producer.send_and_wait(pack.topic, pack.message, timestamp_ms=received_at)
        except KafkaError as error:
            if not error.retriable and not isinstance(error, _TOO_LARGE):
                log.warning("the producer gives up, another takes its place: %s", _words(error))
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
            log.warning("%s was not taken: %s", pack.topic, _words(error))
            delivery.waiting.append(pack)
        else:
            raise error

    def _forget(self, producer: AIOKafkaProducer) -> None:
        """Have another producer take its place, unless one has already."""
        if self._producer is producer:
            self._connected.clear()
            self._answers = False

    async def _keep(self) -> None:
        while True:
            if not self._connected.is_set():
                await self._give_up()
                await self._connect()
            self._note(await self._looks_well())
            await asyncio.sleep(LOOK_SECONDS)

    async def _connect(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while reason := await self._begin():
            if pause == FIRST_PAUSE_SECONDS:
                log.warning("the broker does not answer, trying on: %s", reason)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        log.info("connected to the broker")
        self._connected.set()

    async def _begin(self) -> str:
        """Try to connect a new producer; returns why it cannot be, or an empty text."""
        producer = AIOKafkaProducer(
            **client_options(self._servers),
            client_id=CLIENT_ID,
            acks="all",
            enable_idempotence=access_of(self._servers).idempotence,
            compression_type="gzip",  # as the command line sends them: every client reads it
            max_batch_size=BATCH_BYTES,
            max_request_size=LARGEST_REQUEST_BYTES,
            request_timeout_ms=int(self._seconds * 1000),
        )
        try:
            await producer.start()
        except (KafkaError, OSError) as error:
            await _stopped(producer)
            return _words(error)
        self._producer = producer
        return ""

    async def _looks_well(self) -> bool:
        """Whether the broker tells its topics."""
        if self._producer is None:
            return False
        try:
            return bool(await asyncio.wait_for(self._producer.client.force_metadata_update(), self._seconds))
        except (KafkaError, OSError, TimeoutError):
            return False

    def _note(self, answers: bool) -> None:
        if answers != self._answers:
            log.log(logging.INFO if answers else logging.WARNING, "the broker %s", "answers" if answers else "is away")
        self._answers = answers

    async def _give_up(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await _stopped(producer)


async def _stopped(producer: AIOKafkaProducer) -> None:
    """Stop a producer; one that cannot send what it holds is left after a while."""
    with suppress(TimeoutError, KafkaError, OSError):
        await asyncio.wait_for(producer.stop(), STOP_SECONDS)


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
