import asyncio

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.courier import LETTERS_PER_RECORD, Courier, packed
from pipeline.catalogue.topics import DEAD_LETTER_TOPIC
from pipeline.events.dead_letter import DeadLetter, Reason
from pipeline.identity.messages import Link, Message
from pipeline.mail.ahead import ahead_header
from pipeline.mail.codec import unpack
from pipeline.mail.partition import partition_of
from tests.unit.agents.outbox import Outbox
from tests.waiting import standstill

PARTITIONS = 4


def links(count: int) -> list[Message]:
    return [Link(f"device_id:{number % 7}", f"customer_id:{number}", number) for number in range(count)]


def letter(index: int) -> DeadLetter:
    return DeadLetter(
        topic="touchpoints.web",
        partition=1,
        offset=2,
        index=index,
        received_at=3,
        reason=Reason.NOT_JSON,
        detail="expected JSON",
        type="",
        payload=b"{}",
    )


async def test_mail_goes_to_the_partition_of_its_mailbox_in_order() -> None:
    outbox = Outbox()
    messages = links(500)
    await Courier(outbox.send, PARTITIONS, 1_000).deliver(messages)
    for partition in range(PARTITIONS):
        expected = [message for message in messages if partition_of(message.at, PARTITIONS) == partition]
        assert outbox.mail(partition) == expected


async def test_mail_that_was_delivered_ahead_is_sent_first_with_the_tenure_of_its_partition() -> None:
    outbox = Outbox()
    ahead, rest = links(40), [Link("device_id:1", "customer_id:x", 0)]
    tenures = {partition: 7 + partition for partition in range(PARTITIONS)}
    await Courier(outbox.send, PARTITIONS, 1_000_000).deliver(rest, ahead, tenures)
    home = partition_of("device_id:1", PARTITIONS)
    assert outbox.mail(home)[-1:] == rest
    assert sorted(map(str, outbox.mail())) == sorted(map(str, [*ahead, *rest]))
    *first, last = zip(outbox.records, outbox.headers, strict=True)
    assert [headers for _, headers in first] == [[ahead_header(tenures[number or 0])] for (_, number, _), _ in first]
    assert (last[0][1], last[1]) == (home, ())


async def test_delivery_waits_for_every_acknowledgement() -> None:
    outbox = Outbox(held=True)
    delivery = asyncio.create_task(Courier(outbox.send, PARTITIONS, 1_000_000).deliver(links(20)))
    await standstill()
    for acknowledgement in outbox.pending[:-1]:
        acknowledgement.set_result(None)
    await standstill()
    assert not delivery.done()
    outbox.pending[-1].set_result(None)
    await delivery


async def test_a_refusal_of_the_broker_is_raised() -> None:
    outbox = Outbox(held=True)
    delivery = asyncio.create_task(Courier(outbox.send, 1, 1_000_000).deliver(links(2)))
    await standstill()
    outbox.pending[0].set_exception(ConnectionError("gone"))
    with pytest.raises(ConnectionError):
        await delivery


async def test_nothing_to_send_is_nothing_sent() -> None:
    outbox = Outbox()
    await Courier(outbox.send, PARTITIONS, 1_000).deliver([])
    await Courier(outbox.send, PARTITIONS, 1_000).reject([])
    assert outbox.records == []


@given(st.integers(1, 300), st.integers(20, 3_000))
def test_records_hold_everything_in_order_and_keep_the_size(count: int, size: int) -> None:
    messages = links(count)
    records = list(packed(messages, size))
    assert [message for record in records for message in unpack(record)] == messages
    assert all(len(record) <= size or len(unpack(record)) == 1 for record in records)


async def test_dead_letters_go_to_their_topic_as_arrays() -> None:
    outbox = Outbox()
    await Courier(outbox.send, PARTITIONS, 1_000).reject([letter(index=n) for n in range(LETTERS_PER_RECORD + 1)])
    assert outbox.topics() == [DEAD_LETTER_TOPIC] * 2
    shown = [notice for _, _, value in outbox.records for notice in msgspec.json.decode(value)]
    assert [notice["index"] for notice in shown] == list(range(LETTERS_PER_RECORD + 1))
    assert shown[0]["reason"] == "not_json"
