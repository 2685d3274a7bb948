"""What workers send is compressed fast, and every client reads it."""

from aiokafka.codec import lz4_encode
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatch
from kafka.record import MemoryRecords

from agents.transport.compression import LEVEL
from agents.transport.driver import register

HEADER_BYTES = 61
VALUE = b"".join(b'{"id":"%d","of":"%d"}' % (number, number * number) for number in range(2_000))


def built(codec: int) -> bytes:
    """A batch of one record as aiokafka's producer sends it."""
    batch = BatchBuilder(1024 * 1024, codec)
    assert batch.append(timestamp=0, key=None, value=VALUE)
    return bytes(batch._build())


def test_batches_are_compressed_at_the_fast_level() -> None:
    register()
    records = built(DefaultRecordBatch.CODEC_NONE)[HEADER_BYTES:]
    assert built(DefaultRecordBatch.CODEC_LZ4)[HEADER_BYTES:] == lz4_encode(records, level=LEVEL)


def test_the_command_line_reads_them() -> None:
    register()
    batch = built(DefaultRecordBatch.CODEC_LZ4)
    assert len(batch) < len(VALUE) / 2
    (record,) = MemoryRecords(batch).next_batch()
    assert record.value == VALUE
