"""Records are read as aiokafka reads them, in batches."""

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatch

from agents.transport.unpacking import unpack
from pipeline.events.record import Record
from pipeline.events.replay import Replay, replay_header
from pipeline.mail.ahead import ahead_header
from tests.unit.agents.transport.brokers import fetched_records, sent_batch

PLACE = TopicPartition("touchpoints.web", 3)
REPLAY = Replay("touchpoints.web", 3, 17, 0, 1_000, 1)
VALUES = [b'{"id":"%d"}' % number * 20 for number in range(7)]
CODECS = [DefaultRecordBatch.CODEC_NONE, DefaultRecordBatch.CODEC_LZ4]
PLENTY = 10**9


def record(offset: int, timestamp: int, value: bytes, replay: Replay | None = None) -> Record:
    return Record(PLACE.topic, PLACE.partition, offset, timestamp, value, replay)


@pytest.mark.parametrize("codec", CODECS)
def test_records_come_with_their_positions_times_and_replays(codec: int) -> None:
    data = sent_batch(10, [VALUES[0], None], codec=codec)
    data += sent_batch(20, VALUES[1:2], codec=codec, headers=[replay_header(REPLAY)])
    found = fetched_records(PLACE, data)
    assert unpack(found, PLENTY, PLENTY) == (
        [record(10, 1_000, VALUES[0]), record(11, 1_001, b""), record(20, 1_000, VALUES[1], REPLAY)],
        True,
    )
    assert found.next_fetch_offset == 21


def test_mail_that_was_delivered_ahead_comes_with_its_tenure() -> None:
    data = sent_batch(10, VALUES[:1], headers=[ahead_header(7)]) + sent_batch(11, VALUES[1:2])
    records, _ = unpack(fetched_records(PLACE, data), PLENTY, PLENTY)
    assert [one.tenure for one in records] == [7, None]


@pytest.mark.parametrize("codec", CODECS)
def test_what_is_before_the_position_is_left_out(codec: int) -> None:
    records, _ = unpack(fetched_records(PLACE, sent_batch(10, VALUES, codec=codec), position=15), PLENTY, PLENTY)
    assert [(one.offset, one.value) for one in records] == [(15, VALUES[5]), (16, VALUES[6])]


@pytest.mark.parametrize(
    ("most_records", "most_bytes", "sizes"),
    [(3, PLENTY, [3, 3, 1]), (PLENTY, len(VALUES[0]) + 1, [2, 2, 2, 1]), (7, PLENTY, [7, 0])],
)
def test_limits_cut_and_nothing_is_lost_between(most_records: int, most_bytes: int, sizes: list[int]) -> None:
    data = sent_batch(10, VALUES[:4], codec=CODECS[1]) + sent_batch(14, VALUES[4:], codec=CODECS[1])
    found = fetched_records(PLACE, data)
    batches = [unpack(found, most_records, most_bytes) for _ in sizes]
    assert [len(records) for records, _ in batches] == sizes
    assert [done for _, done in batches] == [False] * (len(sizes) - 1) + [True]
    assert [one.value for records, _ in batches for one in records] == VALUES


@pytest.mark.parametrize("codec", CODECS)
def test_damage_on_the_way_is_found(codec: int) -> None:
    data = bytearray(sent_batch(10, VALUES, codec=codec))
    data[-30] ^= 1
    with pytest.raises(CorruptRecordException):
        unpack(fetched_records(PLACE, bytes(data)), PLENTY, PLENTY)
