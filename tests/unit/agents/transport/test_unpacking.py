"""Records are read as aiokafka reads them, in batches."""

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_UNCOMMITTED, PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.memory_records import MemoryRecords

from agents.transport.batch import BatchLimits
from agents.transport.fetching import unpack
from pipeline.events.record import Record
from pipeline.events.replay import Replay, replay_header
from pipeline.mail.ahead import ahead_header

PLACE = TopicPartition("touchpoints.web", 3)
REPLAY = Replay("touchpoints.web", 3, 17, 0, 1_000, 1)
VALUES = [b'{"id":"%d"}' % number * 20 for number in range(7)]
CODECS = [DefaultRecordBatch.CODEC_NONE, DefaultRecordBatch.CODEC_LZ4]
NO_LIMITS = BatchLimits(records=10**9, bytes=10**9)


def batch(codec: int, start: int, *values: bytes | None, headers: tuple[tuple[str, bytes], ...] = ()) -> bytes:
    """A batch as a producer sends it, with the offset that the broker writes."""
    builder = BatchBuilder(1024 * 1024, codec)
    for number, value in enumerate(values):
        assert builder.append(timestamp=1_000 + number, key=b"k", value=value, headers=list(headers))
    return start.to_bytes(8, "big") + bytes(builder._build())[8:]


def fetched(data: bytes, position: int = 10) -> PartitionRecords:
    """What aiokafka makes of a broker's answer."""
    return PartitionRecords(PLACE, MemoryRecords(data), [], position, None, None, True, READ_UNCOMMITTED)


def record(offset: int, timestamp: int, value: bytes, replay: Replay | None = None) -> Record:
    return Record(PLACE.topic, PLACE.partition, offset, timestamp, value, replay)


@pytest.mark.parametrize("codec", CODECS)
def test_records_come_with_their_positions_times_and_replays(codec: int) -> None:
    data = batch(codec, 10, VALUES[0], None) + batch(codec, 20, VALUES[1], headers=(replay_header(REPLAY),))
    found = fetched(data)
    assert unpack(found, NO_LIMITS) == (
        [record(10, 1_000, VALUES[0]), record(11, 1_001, b""), record(20, 1_000, VALUES[1], REPLAY)],
        True,
    )
    assert found.next_fetch_offset == 21


def test_mail_that_was_delivered_ahead_comes_with_its_tenure() -> None:
    data = batch(CODECS[0], 10, VALUES[0], headers=(ahead_header(7),)) + batch(CODECS[0], 11, VALUES[1])
    records, _ = unpack(fetched(data), NO_LIMITS)
    assert [one.tenure for one in records] == [7, None]


@pytest.mark.parametrize("codec", CODECS)
def test_what_is_before_the_position_is_left_out(codec: int) -> None:
    records, _ = unpack(fetched(batch(codec, 10, *VALUES), position=15), NO_LIMITS)
    assert [(one.offset, one.value) for one in records] == [(15, VALUES[5]), (16, VALUES[6])]


@pytest.mark.parametrize(
    ("limits", "sizes"),
    [
        (BatchLimits(records=3), [3, 3, 1]),
        (BatchLimits(bytes=len(VALUES[0]) + 1), [2, 2, 2, 1]),
        (BatchLimits(records=7), [7, 0]),
    ],
)
def test_limits_cut_and_nothing_is_lost_between(limits: BatchLimits, sizes: list[int]) -> None:
    found = fetched(batch(CODECS[1], 10, *VALUES[:4]) + batch(CODECS[1], 14, *VALUES[4:]))
    batches = [unpack(found, limits) for _ in sizes]
    assert [len(records) for records, _ in batches] == sizes
    assert [done for _, done in batches] == [False] * (len(sizes) - 1) + [True]
    assert [one.value for records, _ in batches for one in records] == VALUES


@pytest.mark.parametrize("codec", CODECS)
def test_damage_on_the_way_is_found(codec: int) -> None:
    data = bytearray(batch(codec, 10, *VALUES))
    data[-30] ^= 1
    with pytest.raises(CorruptRecordException):
        unpack(fetched(bytes(data)), NO_LIMITS)
