"""Groups of batches: all that waits, bounded in bytes, acknowledged by what the work says."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest

from agents.transport.batch import RecordBatch
from agents.transport.streams import each_group
from pipeline.events.record import Record
from tests.waiting import standstill

TEN_BYTES = b"0123456789"


@dataclass
class Event:
    """A stand-in for Faust's event."""

    value: RecordBatch
    acknowledged: bool = False

    def ack(self) -> None:
        self.acknowledged = True


@dataclass
class Stream:
    """A stand-in for Faust's stream: yields what is in the queue; an exception ends it."""

    coming: asyncio.Queue[Event | Exception | None] = field(default_factory=asyncio.Queue)

    def noack(self) -> "Stream":
        return self

    async def events(self) -> AsyncIterator[Event]:
        while (item := await self.coming.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item


def events(count: int) -> list[Event]:
    records = [Record("touchline.mail", 0, offset, 0, TEN_BYTES) for offset in range(count)]
    return [Event(RecordBatch([record], record.offset, record.offset + 1, 1)) for record in records]


async def groups_of(given: list[Event], most_bytes: int, late: int = 0, linger_seconds: float = 0) -> list[int]:
    """Sizes of the groups; the last `late` events come while the first group is worked on."""
    stream = Stream()
    sizes: list[int] = []

    async def work(batches: Sequence[RecordBatch]) -> Sequence[RecordBatch]:
        if not sizes:
            for event in given[len(given) - late :]:
                stream.coming.put_nowait(event)
            stream.coming.put_nowait(None)
            await standstill()
        sizes.append(len(batches))
        return batches

    for event in given[: len(given) - late]:
        stream.coming.put_nowait(event)
    await each_group(stream, work, most_bytes, lambda: linger_seconds)
    return sizes


async def test_what_comes_while_a_group_is_worked_on_is_the_next_group() -> None:
    given = events(6)
    assert await groups_of(given, most_bytes=1_000, late=5) == [1, 5]
    assert all(event.acknowledged and event.value.done for event in given)


async def test_a_group_is_bounded_in_bytes() -> None:
    assert await groups_of(events(7), most_bytes=30, late=6) == [1, 3, 3]


async def test_a_group_that_is_not_full_waits_a_little_for_more() -> None:
    stream, given, sizes = Stream(), events(3), list[int]()

    async def send() -> None:
        for item in given:
            stream.coming.put_nowait(item)
            await asyncio.sleep(0.05)
        await asyncio.sleep(1)
        stream.coming.put_nowait(None)

    async def work(batches: Sequence[RecordBatch]) -> Sequence[RecordBatch]:
        sizes.append(len(batches))
        return batches

    await asyncio.gather(each_group(stream, work, 1_000, lambda: 0.5), send())
    assert sizes == [3]


async def test_how_long_to_wait_is_asked_for_each_group() -> None:
    stream, given, sizes, lingers = Stream(), events(3), list[int](), iter([0.0, 60.0])

    async def work(batches: Sequence[RecordBatch]) -> Sequence[RecordBatch]:
        if not sizes:
            stream.coming.put_nowait(given[1])
            asyncio.get_running_loop().call_later(0.2, stream.coming.put_nowait, given[2])
            asyncio.get_running_loop().call_later(0.2, stream.coming.put_nowait, None)
        sizes.append(len(batches))
        return batches

    stream.coming.put_nowait(given[0])
    await each_group(stream, work, 1_000, lambda: next(lingers))
    assert sizes == [1, 2]


async def test_only_what_the_work_returns_is_done() -> None:
    stream, given = Stream(), events(2)

    async def work(batches: Sequence[RecordBatch]) -> Sequence[RecordBatch]:
        return [batch for batch in batches if batch.start == 1]

    for item in (*given, None):
        stream.coming.put_nowait(item)
    await each_group(stream, work, 1_000, lambda: 0)
    assert [event.value.done for event in given] == [False, True]


async def test_an_exception_of_the_work_ends_the_loop_without_an_acknowledgement() -> None:
    stream, given = Stream(), events(1)

    async def work(batches: Sequence[RecordBatch]) -> Sequence[RecordBatch]:
        raise RuntimeError("no")

    stream.coming.put_nowait(given[0])
    with pytest.RaisesGroup(pytest.RaisesExc(RuntimeError, match="no")):
        await each_group(stream, work, 1_000, lambda: 0)
    assert not given[0].acknowledged


async def test_an_exception_of_the_stream_is_raised() -> None:
    stream = Stream()

    async def work(batches: Sequence[RecordBatch]) -> Sequence[RecordBatch]:
        return batches

    stream.coming.put_nowait(OSError("gone"))
    with pytest.RaisesGroup(pytest.RaisesExc(OSError, match="gone")):
        await each_group(stream, work, 1_000, lambda: 0)
