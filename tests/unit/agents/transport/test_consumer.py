"""What a rebalance and a stop wait for."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from types import SimpleNamespace

import faust
import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.subscription_state import SubscriptionState
from faust.types import TP, Message
from mode.threads import MethodQueue

from agents.app import WorkerApp
from agents.transport.batch import OrderedBatchSchema, RecordBatch, RecordBatchSchema
from agents.transport.commits import PrefixCommits
from agents.transport.consumer import BatchConsumer
from agents.transport.driver import SCHEME, register
from pipeline.events.record import Record

PLACE = TP("touchline.mail", 0)


class Committing(BatchConsumer):
    """A consumer without a broker and without Faust's set-up, which counts its commits."""

    def __init__(self, in_hand_seconds: float) -> None:
        self.commits = PrefixCommits()
        self.in_hand_seconds = in_hand_seconds
        self.log = logging.getLogger("test")
        self.committed = 0
        self._unacked_messages: set[Message] = set()
        self._waiting_for_ack = None

    async def maybe_wait_for_commit_to_finish(self) -> bool:
        return False

    async def commit_and_end_transactions(self) -> None:
        self.committed += 1

    def hand_over(self) -> Callable[[], None]:
        """Deliver a batch; returns what does it."""
        batch = RecordBatch([], 0, 1, 1)
        batch.ticket = self.commits.deliver(PLACE, 1, 0, 1)  # type: ignore[assignment] # it is the first
        message = Message(PLACE.topic, PLACE.partition, 0, 0.0, 1, {}, None, batch, None)
        self._unacked_messages.add(message)

        def done() -> None:
            batch.done = True
            assert self.ack(message)

        return done


class Seeking(Committing):
    """One whose broker has nothing before an offset."""

    def __init__(self, earliest: int) -> None:
        super().__init__(0)
        self.earliest = earliest
        self.sought: list[int] = []

    async def earliest_offsets(self, *partitions: TP) -> dict[TP, int]:
        return dict.fromkeys(partitions, self.earliest)

    async def seek(self, partition: TP, offset: int) -> None:
        self.sought.append(offset)
        self.commits.rewind(partition, offset)

    async def takes(self, start: int, end: int) -> bool:
        records = [Record(PLACE.topic, PLACE.partition, offset, 0, b"x") for offset in range(start, end)]
        return await self._accept(PLACE, RecordBatch(records, start, end, 1, 0))


async def test_a_batch_that_does_not_get_done_is_not_waited_for_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    consumer = Committing(in_hand_seconds=0.1)
    consumer.hand_over()
    waiting = asyncio.create_task(consumer.wait_empty())
    done, _ = await asyncio.wait({waiting}, timeout=5)
    assert done
    assert consumer.committed == 1
    assert "batches in hand were not done within 0.1 s" in caplog.text


async def test_what_was_waited_for_in_vain_is_not_waited_for_again() -> None:
    consumer = Committing(in_hand_seconds=0.1)
    done = consumer.hand_over()
    await consumer.wait_empty()
    consumer.in_hand_seconds = 60
    await asyncio.wait_for(consumer.wait_empty(), 5)
    done()  # late, and no harm


async def test_a_batch_that_gets_done_is_waited_for_and_committed() -> None:
    consumer = Committing(in_hand_seconds=20)
    done = consumer.hand_over()
    waiting = asyncio.create_task(consumer.wait_empty())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    done()
    await asyncio.wait_for(waiting, 5)
    assert consumer.committed == 1
    assert consumer.commits.committable(PLACE) == 1


async def test_with_no_time_at_all_nothing_is_waited_for() -> None:
    consumer = Committing(in_hand_seconds=0)
    consumer.hand_over()
    await asyncio.wait_for(consumer.wait_empty(), 5)


@pytest.mark.parametrize(
    ("earliest", "sought", "accepted"),
    [(50, [100], False), (100, [100], False), (150, [150], False), (200, [], True), (250, [], True)],
)
async def test_a_hole_is_read_again_as_far_as_the_broker_has_it(
    earliest: int, sought: list[int], accepted: bool
) -> None:
    consumer = Seeking(earliest)
    assert await consumer.takes(0, 100)
    assert await consumer.takes(200, 300) is accepted
    assert consumer.sought == sought
    if sought:
        assert await consumer.takes(sought[0], 300)


class Draining(BatchConsumer):
    """Faust's own loop over what a broker would give, one batch per fetch."""

    coming: list[RecordBatch]

    async def _wait_next_records(self, timeout: float) -> tuple[object, object]:  # noqa: ASYNC109 # Faust's signature
        if not self.coming:
            raise asyncio.CancelledError
        return {PLACE: [self.coming.pop(0)]}, {PLACE}

    def highwater(self, tp: TP) -> int:
        return 0


async def test_a_log_that_was_cut_or_made_anew_is_read_from_where_the_client_goes_back_to() -> None:
    reached: list[int] = []

    async def work(message: Message) -> None:
        reached.append(message.value.start)
        message.value.done = True
        assert consumer.ack(message)

    async def rebalance(_: object) -> None:
        raise AssertionError

    register()
    app = WorkerApp("consumer", broker=f"{SCHEME}://127.0.0.1:9", autodiscover=False)
    consumer = Draining(app.transport, work, rebalance, rebalance)
    records = [Record(PLACE.topic, PLACE.partition, offset, 0, b"x") for offset in (900, 901, 0, 1)]
    consumer.coming = [RecordBatch([record], record.offset, record.offset + 1, 1, 900) for record in records]
    with pytest.raises(asyncio.CancelledError):
        await consumer._drain_messages(consumer)
    assert reached == [900, 901, 0, 1]
    assert consumer.commits.in_flight(PLACE) == 0
    assert consumer.commits.committable(PLACE) == 2


async def test_where_a_partition_will_be_read_from_is_known_before_anything_was() -> None:
    register()
    app = WorkerApp("consumer", broker=f"{SCHEME}://127.0.0.1:9", autodiscover=False)
    subscription = SubscriptionState()
    app.consumer._thread._consumer = SimpleNamespace(_subscription=subscription)
    subscription.subscribe({PLACE.topic})
    assert app.consumer.reads_from(PLACE) is None
    subscription.assign_from_subscribed({TopicPartition(*PLACE)})
    assert app.consumer.reads_from(PLACE) is None
    subscription.subscription.assignment.state_value(TopicPartition(*PLACE)).reset_to(17)
    assert app.consumer.reads_from(PLACE) == 17
    assert app.consumer.reads_from(TP(PLACE.topic, 1)) is None


async def test_brokers_that_do_not_tell_the_ends_hold_nothing_else_up() -> None:
    async def silence(_: object) -> None:
        await asyncio.sleep(3)

    async def fetch() -> str:
        return "records"

    register()
    app = WorkerApp("consumer", broker=f"{SCHEME}://127.0.0.1:9", autodiscover=False)
    thread = app.consumer._thread
    thread._consumer = SimpleNamespace(end_offsets=silence, assignment=lambda: {TopicPartition(*PLACE)})
    thread._method_queue = MethodQueue(loop=asyncio.get_running_loop())
    await thread._method_queue.start()
    try:
        for _ in range(2):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(app.consumer.end_offsets(0.01), 0.1)
        assert await asyncio.wait_for(thread.call_thread(fetch), 1) == "records"
    finally:
        await thread._method_queue.stop()


def subscribing(**schemas: faust.Schema | None) -> BatchConsumer:
    """The consumer of an application with these topics, whose thread takes every subscription."""

    async def subscribe(topics: Iterable[str]) -> None:
        pass

    register()
    app = WorkerApp("consumer", broker=f"{SCHEME}://127.0.0.1:9", autodiscover=False)
    for name, schema in schemas.items():
        app.topics.add(app.topic(name, schema=schema))
    app.consumer._thread = SimpleNamespace(subscribe=subscribe, ordered=None)
    consumer: BatchConsumer = app.consumer
    return consumer


async def test_the_schema_of_a_topic_decides_whether_it_is_read_in_the_order_of_time() -> None:
    consumer = subscribing(web=OrderedBatchSchema(), store=OrderedBatchSchema(), mail=RecordBatchSchema())
    await consumer.subscribe(["web", "store", "mail"])
    assert consumer._thread.ordered == {"web", "store"}


async def test_a_topic_that_does_not_ask_for_batches_is_refused() -> None:
    with pytest.raises(ValueError, match="RecordBatchSchema"):
        await subscribing(web=None).subscribe(["web"])
